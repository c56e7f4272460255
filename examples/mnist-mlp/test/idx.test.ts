import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FormatError } from "@gradloom/tensor";
import { parseIdx, readDigits } from "../src/idx.ts";

const idx = (type: number, shape: readonly number[], data: readonly number[]): Uint8Array => {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  shape.forEach((n, d) => {
    new DataView(header.buffer).setUint32(4 + 4 * d, n);
  });
  return Uint8Array.from([...header, ...data]);
};

describe("parseIdx", () => {
  const good = idx(8, [2, 3], [1, 2, 3, 4, 5, 6]);

  test("reads plain and gzipped files", () => {
    for (const file of [good, gzipSync(good)]) {
      const { shape, data } = parseIdx("f", file);
      expect(shape).toEqual([2, 3]);
      expect([...data]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  test.each([
    ["an empty file", new Uint8Array(0), "[f] is truncated: the magic number ends at byte 4, the file at 0"],
    ["a wrong magic number", Uint8Array.from([1, 0, 8, 1]), "[f] is no IDX file: bytes 0 and 1 are not 0"],
    [
      "another element type",
      idx(13, [1], [0]),
      "[f] holds elements of type 13 (byte 2), only 8 (unsigned bytes) is read",
    ],
    ["no dimensions", idx(8, [], []), "[f] has 0 dimensions (byte 3), 1 to 4 are read"],
    ["half a header", good.slice(0, 9), "[f] is truncated: the header ends at byte 12, the file at 9"],
    [
      "too few elements",
      good.slice(0, 15),
      "[f] holds 3 bytes from byte 12 on where [2,3] needs 6; load the file again",
    ],
    [
      "too many elements",
      Uint8Array.from([...good, 7]),
      "[f] holds 7 bytes from byte 12 on where [2,3] needs 6; load the file again",
    ],
    ["an absurd header", idx(8, [4294967295, 4294967295], [1]), "[f] holds 1 bytes from byte 12 on"],
    ["a broken archive", gzipSync(good).subarray(0, 20), "[f] cannot be unpacked"],
  ])("refuses %s", (_, file, text) => {
    expect(() => parseIdx("f", file)).toThrow(FormatError);
    expect(() => parseIdx("f", file)).toThrow(text);
  });

  test("stops unpacking at a limit", () => {
    expect(() => parseIdx("f", gzipSync(new Uint8Array(5000)), 1000)).toThrow(/\[f\] cannot be unpacked/);
  });
});

describe("readDigits", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "digits-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("says that files are missing by giving nothing", () => {
    expect(readDigits(folder, "train")).toBeUndefined();
  });

  test("refuses images and labels of different counts", () => {
    writeFileSync(join(folder, "t10k-images-idx3-ubyte"), idx(8, [2, 1, 1], [1, 2]));
    writeFileSync(join(folder, "t10k-labels-idx1-ubyte.gz"), gzipSync(idx(8, [3], [0, 1, 2])));
    expect(() => readDigits(folder, "t10k")).toThrow("images [2,1,1] and labels [3] do not belong together");
  });
});
