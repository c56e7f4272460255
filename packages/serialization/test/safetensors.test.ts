import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DType } from "@gradloom/backend";
import { ArgumentError, dtypes, FormatError, UnsupportedError } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { decodeSafetensors, encodeSafetensors, loadSafetensors, saveSafetensors } from "@gradloom/serialization";
import { tensor, useDevice, Variable, zeros } from "@gradloom/tensor";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "safetensors-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file made by hand: header text, then data. */
const file = (header: string, data: readonly number[] = [], length = Buffer.byteLength(header)): Uint8Array => {
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(length), true);
  return Uint8Array.from([...start, ...Buffer.from(header), ...data]);
};

const golden = file(
  '{"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}   ',
  [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 8, 255],
);

describe("a golden file", () => {
  test("is read", async () => {
    const { tensors, metadata } = decodeSafetensors(golden);
    expect(metadata).toEqual({ format: "pt" });
    expect(Object.keys(tensors).sort()).toEqual(["a", "b"]);
    expect(tensors.a).toMatchObject({ dtype: "float32", shape: [2, 1] });
    expect(await tensors.a?.array()).toEqual([[1], [-2]]);
    expect(tensors.b).toMatchObject({ dtype: "uint8", shape: [3] });
    expect(await tensors.b?.array()).toEqual([7, 8, 255]);
  });

  test("is written", async () => {
    const bytes = await encodeSafetensors(
      { b: tensor(Uint8Array.from([7, 8, 255])), a: tensor([[1], [-2]]) },
      { format: "pt" },
    );
    const header =
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(Buffer.from(bytes)).toEqual(Buffer.from(file(padded, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 8, 255])));
  });
});

describe("round trips", () => {
  test.each(dtypes)("keep %s bit by bit", async (dtype: DType) => {
    const values = dtype === "bool" ? [1, 0, 1, 1, 0, 0] : [1, 2, 3, 100, 5, 0];
    const before = {
      x: tensor(values, { dtype, shape: [2, 3] }),
      "": tensor(1, { dtype }),
      none: zeros([0, 3], { dtype }),
    };
    const path = join(folder, "a.safetensors");
    await saveSafetensors(path, before, { note: "käse \u{1f9c0}" });
    for (const { tensors, metadata } of [await loadSafetensors(path), decodeSafetensors(readFileSync(path))]) {
      expect(metadata).toEqual({ note: "käse \u{1f9c0}" });
      for (const [name, t] of Object.entries(before)) {
        expect(tensors[name]).toMatchObject({ dtype, shape: t.shape });
        expect(await tensors[name]?.data()).toEqual(await t.data());
      }
    }
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
  });

  test("keep NaN, infinities and signs of zero", async () => {
    const bits = Uint32Array.from([0x7fc01234, 0x7f800000, 0xff800000, 0x80000000]);
    const { tensors } = decodeSafetensors(await encodeSafetensors({ x: tensor(new Float32Array(bits.buffer)) }));
    const back = await tensors.x?.data();
    expect(new Uint32Array(back?.buffer as ArrayBuffer)).toEqual(bits);
  });

  test("keep files without tensors, and names that objects know", async () => {
    expect(decodeSafetensors(await encodeSafetensors({}))).toEqual({ tensors: {}, metadata: {} });
    const odd = Object.fromEntries(["__proto__", "constructor", "a.b/c"].map((name) => [name, tensor([1])]));
    const { tensors } = decodeSafetensors(await encodeSafetensors(odd));
    expect(Object.keys(tensors).sort()).toEqual(["__proto__", "a.b/c", "constructor"]);
  });

  test("align every tensor to its elements", async () => {
    const bytes = await encodeSafetensors({
      a: tensor([1], { dtype: "uint8" }),
      b: tensor([1], { dtype: "float64" }),
      c: tensor([1], { dtype: "float16" }),
      d: tensor([1]),
    });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
    for (const [name, width] of [
      ["a", 1],
      ["b", 8],
      ["c", 2],
      ["d", 4],
    ] as const) {
      expect(header[name].data_offsets[0] % width).toBe(0);
    }
  });

  test("read tensors that do not lie at a multiple of their size", async () => {
    const odd = file(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[],"data_offsets":[1,5]}}',
      [9, 0, 0, 0x80, 0x3f],
    );
    expect(await decodeSafetensors(odd).tensors.b?.item()).toBe(1);
  });

  test("write variables as they are at the call", async () => {
    const w = new Variable(tensor([1, 2]));
    const saved = encodeSafetensors({ w: w.value });
    w.assign(tensor([3, 4]));
    expect(await decodeSafetensors(await saved).tensors.w?.array()).toEqual([1, 2]);
    expect(await w.value.array()).toEqual([3, 4]);
  });
});

describe("integers of other widths", () => {
  const wide = (dtype: string, array: ArrayBufferView): Uint8Array => {
    const data = [...new Uint8Array(array.buffer)];
    return file(`{"x":{"dtype":"${dtype}","shape":[2],"data_offsets":[0,${data.length}]}}`, data);
  };

  test("are refused unless they may become int32", () => {
    const bytes = wide("I64", BigInt64Array.from([1n, -2n]));
    expect(() => decodeSafetensors(bytes, { name: "f" })).toThrow(UnsupportedError);
    expect(() => decodeSafetensors(bytes, { name: "f" })).toThrow(
      '[f] tensor "x" has elements of type I64, which no tensor can hold; pass convertIntegers: true for int32',
    );
  });

  test.each([
    ["I64", BigInt64Array.from([2147483647n, -2147483648n]), [2147483647, -2147483648]],
    ["U64", BigUint64Array.from([0n, 7n]), [0, 7]],
    ["I16", Int16Array.from([-32768, 5]), [-32768, 5]],
    ["U16", Uint16Array.from([65535, 5]), [65535, 5]],
  ] as const)("%s becomes int32", async (dtype, array, expected) => {
    const { tensors } = decodeSafetensors(wide(dtype, array), { convertIntegers: true });
    expect(tensors.x?.dtype).toBe("int32");
    expect(await tensors.x?.array()).toEqual(expected);
  });

  test.each([
    ["I64", BigInt64Array.from([0n, 2147483648n]), "holds 2147483648 at position 1"],
    ["I64", BigInt64Array.from([-9223372036854775808n, 0n]), "holds -9223372036854775808 at position 0"],
    ["U64", BigUint64Array.from([18446744073709551615n, 0n]), "holds 18446744073709551615 at position 0"],
  ] as const)("%s beyond int32 is refused", (dtype, array, text) => {
    expect(() => decodeSafetensors(wide(dtype, array), { convertIntegers: true })).toThrow(FormatError);
    expect(() => decodeSafetensors(wide(dtype, array), { convertIntegers: true })).toThrow(text);
  });
});

const x = (dtype: string, shape: string, offsets: string): string =>
  `{"x":{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}}`;
const two = (first: string, second: string, n = 4): Uint8Array =>
  file(
    `{"x":{"dtype":"U8","shape":[2],"data_offsets":${first}},"y":{"dtype":"U8","shape":[2],"data_offsets":${second}}}`,
    new Array<number>(n).fill(0),
  );

const malformed: readonly (readonly [string, Uint8Array, string])[] = [
  ["an empty file", new Uint8Array(0), "is truncated: the header's length takes 8 bytes, the file has 0"],
  ["half a length", new Uint8Array(7), "is truncated: the header's length takes 8 bytes, the file has 7"],
  ["a header longer than the format allows", file("{}", [], 100000001), "states a header of 100000001 bytes"],
  ["a length beyond what numbers hold", file("{}", [], 2 ** 63), "states a header of 9223372036854775808 bytes"],
  ["a header beyond the file", file("{}", [], 3), "is truncated: the header ends at byte 11, the file at 10"],
  ["an empty header", file(""), 'the header does not begin with "{"'],
  ["a header with space before it", file(" {}"), 'the header does not begin with "{"'],
  ["a list as header", file("[]"), 'the header does not begin with "{"'],
  ["a byte order mark", file("\ufeff{}"), 'the header does not begin with "{"'],
  ["broken JSON", file('{"x":'), "has a header that is not JSON"],
  ["text behind the JSON", file("{}{}"), "has a header that is not JSON"],
  ["bytes that are not UTF-8", Uint8Array.from([4, 0, 0, 0, 0, 0, 0, 0, 123, 255, 34, 125]), "not UTF-8"],
  ["a name twice", file('{"x":{},"x":{}}'), 'the key "x" twice'],
  ["a name twice, once escaped", file('{"x":{},"\\u0078":{}}'), 'the key "x" twice'],
  ["a field twice", file('{"x":{"dtype":"U8","dtype":"I8"}}'), 'the key "dtype" twice'],
  ["metadata twice", file('{"__metadata__":{"a":"1","a":"1"}}'), 'the key "a" twice'],
  ["a tensor that is no object", file('{"x":[]}'), 'describes tensor "x" by something other than an object'],
  ["a tensor that is null", file('{"x":null}'), 'describes tensor "x" by something other than an object'],
  ["an unknown type", file(x('"F99"', "[]", "[0,0]")), 'the unknown element type "F99"'],
  ["a type that objects know", file(x('"toString"', "[]", "[0,0]")), 'the unknown element type "toString"'],
  ["a type that is no string", file(x("4", "[]", "[0,0]")), "the unknown element type of type number"],
  ["a missing shape", file('{"x":{"dtype":"U8","data_offsets":[0,0]}}'), "a shape that is not a list of counts"],
  ["a negative length", file(x('"U8"', "[-1]", "[0,0]")), "a shape that is not a list of counts"],
  ["half a length in a shape", file(x('"U8"', "[0.5]", "[0,0]")), "a shape that is not a list of counts"],
  ["a length beyond whole numbers", file(x('"U8"', "[1e300]", "[0,0]")), "a shape that is not a list of counts"],
  ["too many elements", file(x('"U8"', "[65536,65536]", "[0,0]")), "more than 2147483647 elements"],
  ["offsets that overflow", file(x('"U8"', "[4294967296,4294967296]", "[0,0]")), "more than 2147483647 elements"],
  ["an absurd length beside 0", file(x('"U8"', "[0,9007199254740991]", "[0,0]")), "more than 2147483647 elements"],
  ["one offset", file(x('"U8"', "[0]", "[0]")), "data_offsets that are not two counts"],
  ["a negative offset", file(x('"U8"', "[0]", "[-1,-1]")), "data_offsets that are not two counts"],
  ["offsets that are strings", file(x('"U8"', "[0]", '["0","0"]')), "data_offsets that are not two counts"],
  ["an end before its begin", file(x('"U8"', "[1]", "[1,0]"), [1]), "end at 0, before its begin at 1"],
  ["too few bytes for the shape", file(x('"F32"', "[2]", "[0,4]"), [0, 0, 0, 0]), "F32 [2] needs 8"],
  [
    "an end beyond the file",
    file(x('"U8"', "[4]", "[0,4]"), [1, 2, 3]),
    'truncated: tensor "x" ends at 4, the data at 3',
  ],
  [
    "a hole at the start",
    two("[1,3]", "[3,5]", 5),
    'has tensor "x" begin at 1 instead of 0: it leaves a hole before it',
  ],
  ["a hole between", two("[0,2]", "[3,5]", 5), 'has tensor "y" begin at 3 instead of 2: it leaves a hole before it'],
  ["an overlap", two("[0,2]", "[1,3]", 3), 'has tensor "y" begin at 1 instead of 2: it overlaps the one before'],
  ["the same bytes twice", two("[0,2]", "[0,2]", 2), "it overlaps the one before"],
  ["bytes behind the last tensor", two("[0,2]", "[2,4]", 5), "has 1 bytes behind its last tensor"],
  ["bytes behind no tensor", file("{}", [0]), "has 1 bytes behind its last tensor"],
  ["metadata that are a list", file('{"__metadata__":[]}'), "has metadata that are not an object"],
  ["metadata that are null", file('{"__metadata__":null}'), "has metadata that are not an object"],
  ["metadata with a number", file('{"__metadata__":{"a":1}}'), 'metadata that are not strings: "a" is a number'],
  ["a truth value of 2", file(x('"BOOL"', "[2]", "[0,2]"), [1, 2]), "holds 2 at position 1, a BOOL is 0 or 1"],
  ["a type nested deeply", file(x(`${"[".repeat(9000)}${"]".repeat(9000)}`, "[]", "[0,0]")), "of type object"],
];

describe("malformed files", () => {
  test.each(malformed)("%s is refused", async (_, bytes, text) => {
    const path = join(folder, "f");
    writeFileSync(path, bytes);
    const errors = [
      await loadSafetensors(path).catch((error: unknown) => error),
      await (async () => decodeSafetensors(bytes, { name: path }))().catch((error: unknown) => error),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toContain(text);
      expect((error as FormatError).where).toBe(path);
    }
  });

  test("a type that no tensor holds is refused before anything is read", async () => {
    const path = join(folder, "f");
    writeFileSync(path, file(x('"F8_E4M3"', "[1]", "[0,1]"), [0]));
    await expect(loadSafetensors(path)).rejects.toThrow(/elements of type F8_E4M3, .*; convert the file/);
  });

  /** Bytes may change without breaking the format; whatever else they do must be said by a FormatError or UnsupportedError. */
  const outcome = (bytes: Uint8Array): void => {
    try {
      decodeSafetensors(bytes);
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof UnsupportedError)) throw error;
    }
  };

  test("every truncation is refused", () => {
    for (let n = 0; n < golden.length; n++) {
      expect(() => decodeSafetensors(golden.subarray(0, n))).toThrow(FormatError);
    }
  });

  test("every flipped bit, and thousands of random changes, end in a clear error or a valid file", () => {
    for (let bit = 0; bit < golden.length * 8; bit++) {
      const bytes = golden.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      outcome(bytes);
    }
    let state = 1;
    const below = (n: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const pieces = ["{", "}", "[", "]", '"', ":", ",", "0", "9", "-", "\\", "e", "null", "\0"];
    for (let round = 0; round < 5000; round++) {
      const bytes = golden.slice();
      for (let change = below(4); change >= 0; change--) {
        bytes.set(Buffer.from(pieces[below(pieces.length)] as string), 8 + below(golden.length - 12));
      }
      outcome(bytes);
    }
  });
});

describe("writing", () => {
  test("refuses what the format cannot hold and leaves the old file", async () => {
    const path = join(folder, "a");
    await saveSafetensors(path, { x: tensor([1]) });
    const before = readFileSync(path);
    await expect(saveSafetensors(path, { __metadata__: tensor([1]) })).rejects.toThrow(ArgumentError);
    await expect(saveSafetensors(path, {}, { a: 1 as never })).rejects.toThrow('metadata are strings, "a" is a number');
    await expect(saveSafetensors(path, { "\ud800": tensor([1]) })).rejects.toThrow("is not valid Unicode");
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  test("leaves nothing behind when the file cannot be put in place", async () => {
    await expect(saveSafetensors(folder, { x: tensor([1]) })).rejects.toThrow();
    await expect(saveSafetensors(join(folder, "missing", "a"), { x: tensor([1]) })).rejects.toThrow("ENOENT");
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(join(folder, "..")).filter((name) => name.startsWith(`${folder}.`))).toEqual([]);
  });
});
