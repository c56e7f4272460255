import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ArgumentError, FormatError } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { cifar10, cifar100, DataLoader, idxImages, loadDataset, mnist, parseCifar, parseIdx } from "@gradloom/datasets";
import { useDevice } from "@gradloom/tensor";
import { create } from "tar";
import { gunzip } from "../src/files/gunzip.ts";
import { unpackArchive } from "../src/files/unpackArchive.ts";
import type { FileSet } from "../src/sources/openFiles.ts";
import { openFiles } from "../src/sources/openFiles.ts";
import { send, serve } from "./support/server.ts";

const shared = process.env.GRADLOOM_DATA;
const given = (name: string) => (shared !== undefined && existsSync(join(shared, name)) ? test : test.skip);

let folder: string;
beforeAll(async () => {
  await useDevice(createReferenceBackend());
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sources-"));
  delete process.env.GRADLOOM_DATA;
});
afterEach(() => {
  if (shared !== undefined) process.env.GRADLOOM_DATA = shared;
  rmSync(folder, { recursive: true });
});

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

  test("reads a file", () => {
    const { shape, data } = parseIdx("f", good);
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6]);
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
  ])("refuses %s", (_, file, text) => {
    expect(() => parseIdx("f", file)).toThrow(FormatError);
    expect(() => parseIdx("f", file)).toThrow(text);
  });
});

describe("gunzip", () => {
  const packed = gzipSync(new Uint8Array(5000).fill(3));

  test("unpacks, and leaves other bytes alone", async () => {
    expect(await gunzip("f", packed, 5000)).toEqual(new Uint8Array(5000).fill(3));
    expect(await gunzip("f", Uint8Array.of(1, 2), 1)).toEqual(Uint8Array.of(1, 2));
  });

  test("refuses damaged archives and stops at a limit", async () => {
    await expect(gunzip("f", packed.subarray(0, 20), 5000)).rejects.toThrow(FormatError);
    await expect(gunzip("f", packed.subarray(0, 20), 5000)).rejects.toThrow("[f] cannot be unpacked");
    await expect(gunzip("f", packed, 4999)).rejects.toThrow("[f] cannot be unpacked: it holds more than 4999 bytes");
    const wrong = Uint8Array.from(packed);
    wrong[wrong.length - 6] = (wrong.at(-6) as number) ^ 1;
    await expect(gunzip("f", wrong, 5000)).rejects.toThrow("[f] cannot be unpacked");
  });
});

/** CIFAR records whose pixels say where they belong. */
const records = (labels: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    labels.flatMap((label) => [
      ...label,
      ...Array.from({ length: 3072 }, (_, i) => (i >> 10) * 80 + ((i % 1024) & 63)),
    ]),
  );

describe("parseCifar", () => {
  const labels = { bytes: 1, at: 0, count: 10 } as const;

  test("puts colours side by side", () => {
    const { pixels, labels: found } = parseCifar("f", records([[3], [9]]), labels);
    expect([...found]).toEqual([3, 9]);
    expect(pixels.length).toBe(2 * 3072);
    expect([...pixels.subarray(3072, 3078)]).toEqual([0, 80, 160, 1, 81, 161]);
  });

  test.each([
    ["an empty file", new Uint8Array(0), "[f] has 0 bytes, which are not records of 3073"],
    ["half a record", records([[1], [2]]).subarray(0, 5000), "[f] has 5000 bytes, which are not records of 3073"],
    ["a label that no class has", records([[1], [10]]), "[f] has the label 10 in record 1, the last is 9"],
  ])("refuses %s", (_, file, text) => {
    expect(() => parseCifar("f", file, labels)).toThrow(FormatError);
    expect(() => parseCifar("f", file, labels)).toThrow(text);
  });
});

/** Writes two images of 2x2 pixels in the form of MNIST. */
const writeIdx = (to: string, part: "train" | "t10k", labels: readonly number[], pixels = 4 * labels.length): void => {
  mkdirSync(to, { recursive: true });
  const images = idx(
    8,
    [pixels / 4, 2, 2],
    Array.from({ length: pixels }, (_, i) => i),
  );
  writeFileSync(join(to, `${part}-images-idx3-ubyte.gz`), gzipSync(images));
  writeFileSync(join(to, `${part}-labels-idx1-ubyte`), idx(8, [labels.length], labels));
};

describe("data sets in MNIST's form", () => {
  const tiny = idxImages("tiny", ["a", "b"], ["http://127.0.0.1:1"]);

  test("load from a folder", async () => {
    writeIdx(folder, "train", [1, 0]);
    const data = await tiny.load({ dir: folder });
    expect(data.length).toBe(2);
    expect(data.classes).toEqual(["a", "b"]);
    expect(data.source).toEqual({
      folder,
      files: [join(folder, "train-images-idx3-ubyte.gz"), join(folder, "train-labels-idx1-ubyte")],
      missing: [],
    });
    const [image, label] = await data.get(0);
    expect(label).toBe(1);
    expect(image).toMatchObject({ shape: [2, 2, 1], dtype: "float32" });
    expect([...image.data]).toEqual([0, 1, 2, 3].map((x) => Math.fround(x / 255)));
    for await (const [images, labels] of new DataLoader(data, { batchSize: 2 })) {
      expect(images).toMatchObject({ shape: [2, 2, 2, 1], dtype: "float32" });
      expect(labels).toMatchObject({ shape: [2], dtype: "int32" });
      expect(await labels.array()).toEqual([1, 0]);
    }
    const raw = await tiny.load({ dir: folder, dtype: "uint8" });
    expect((await raw.get(1))[0]).toMatchObject({ dtype: "uint8", data: Uint8Array.of(4, 5, 6, 7) });
    expect(raw.images).toMatchObject({ shape: [2, 2, 2, 1], dtype: "uint8" });
    expect([...raw.labels]).toEqual([1, 0]);
  });

  test("look into dir, then $GRADLOOM_DATA, then the cache", async () => {
    const [dir, home, cacheDir] = ["dir", "home", "cache"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    process.env.GRADLOOM_DATA = home;
    const from = async (): Promise<string> => (await tiny.load({ dir, cacheDir, split: "test" })).source.folder;
    writeIdx(join(cacheDir, "tiny"), "t10k", [1]);
    expect(await from()).toBe(join(cacheDir, "tiny"));
    writeIdx(join(home, "tiny"), "t10k", [1]);
    expect(await from()).toBe(join(home, "tiny"));
    writeIdx(join(dir, "tiny"), "t10k", [1]);
    expect(await from()).toBe(join(dir, "tiny"));
    writeIdx(dir, "t10k", [1]);
    expect(await from()).toBe(dir);
  });

  test("refuse files that do not belong together", async () => {
    writeIdx(folder, "train", [1, 0], 12);
    await expect(tiny.load({ dir: folder })).rejects.toThrow(FormatError);
    await expect(tiny.load({ dir: folder })).rejects.toThrow(
      `[${folder}] images [3,2,2] and labels [2] do not belong together`,
    );
    writeIdx(folder, "train", [1, 2]);
    await expect(tiny.load({ dir: folder })).rejects.toThrow("has the label 2 at position 1, the last is 1");
    writeFileSync(join(folder, "train-images-idx3-ubyte.gz"), "no images");
    await expect(tiny.load({ dir: folder })).rejects.toThrow("train-images-idx3-ubyte.gz] is no IDX file");
  });

  test("say what is missing when nothing may be downloaded", async () => {
    const loading = tiny.load({ dir: folder, download: false, cacheDir: join(folder, "c") });
    await expect(loading).rejects.toThrow(ArgumentError);
    await expect(loading).rejects.toThrow(/are in none of .*; name their folder with dir, or allow download/);
    await expect(tiny.load({ split: "val" as never })).rejects.toThrow('has no split "val"; use one of train, test');
    await expect(loadDataset("mnits" as never)).rejects.toThrow(
      '[loadDataset] there is no data set "mnits"; use one of mnist, fashion-mnist, kmnist, cifar-10, cifar-100',
    );
  });

  test("download what is nowhere, once", async () => {
    const files = new Map<string, Uint8Array>([
      ["/train-images-idx3-ubyte.gz", gzipSync(idx(8, [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))],
      ["/train-labels-idx1-ubyte.gz", gzipSync(idx(8, [2], [0, 1]))],
    ]);
    const server = await serve((path, request, response) => {
      const file = files.get(path);
      if (file === undefined) response.writeHead(404).end();
      else send(request, response, file);
    });
    const options = { cacheDir: folder, mirrors: [server.address] };
    try {
      expect((await tiny.load(options)).source.folder).toBe(join(folder, "tiny"));
      expect((await tiny.load(options)).length).toBe(2);
      expect(server.asked).toHaveLength(2);
      await expect(tiny.load({ ...options, split: "test" })).rejects.toThrow("answered 404");
      await expect(mnist.load(options)).rejects.toThrow(/has \d+ bytes instead of 9912422/);
      expect(readdirSync(join(folder, "mnist"))).toEqual([]);
    } finally {
      await server.close();
    }
  });
});

describe("CIFAR", () => {
  test("loads the batches that are there, and says which are not", async () => {
    writeFileSync(join(folder, "data_batch_2.bin.gz"), gzipSync(records([[1], [2]])));
    writeFileSync(join(folder, "data_batch_4.bin"), records([[3]]));
    const data = await cifar10.load({ dir: folder });
    expect([...data.labels]).toEqual([1, 2, 3]);
    expect(data.images.shape).toEqual([3, 32, 32, 3]);
    expect(data.source.missing).toEqual(["data_batch_1.bin", "data_batch_3.bin", "data_batch_5.bin"]);
  });

  test("CIFAR-100 has fine and coarse labels", async () => {
    writeFileSync(
      join(folder, "test.bin"),
      records([
        [4, 0],
        [19, 99],
      ]),
    );
    const fine = await cifar100.load({ dir: folder, split: "test" });
    expect([...fine.labels].map((label) => fine.classes[label])).toEqual(["apple", "worm"]);
    const coarse = await cifar100.load({ dir: folder, split: "test", labels: "coarse" });
    expect([...coarse.labels].map((label) => coarse.classes[label])).toEqual(["fruit_and_vegetables", "vehicles_2"]);
    await expect(cifar100.load({ labels: "both" as never })).rejects.toThrow("use one of fine, coarse");
  });
});

describe("archives", () => {
  const pack = async (names: readonly string[]): Promise<string> => {
    mkdirSync(join(folder, "in", "deep"), { recursive: true });
    for (const name of names) writeFileSync(join(folder, "in", name), `contents of ${name}`);
    const archive = join(folder, "a.tar.gz");
    await create({ file: archive, cwd: join(folder, "in"), gzip: true }, ["."]);
    return archive;
  };
  const out = (): string => join(folder, "out");

  test("give the files that are asked for, and no others", async () => {
    const archive = await pack(["deep/a.bin", "b.bin", "c.bin"]);
    await unpackArchive(
      archive,
      out(),
      new Map([
        ["a.bin", 100],
        ["c.bin", 100],
      ]),
    );
    expect(readdirSync(out()).sort()).toEqual(["a.bin", "c.bin"]);
  });

  test("that lead outside write nothing there", async () => {
    mkdirSync(join(folder, "in"));
    writeFileSync(join(folder, "evil.bin"), "evil");
    const archive = join(folder, "a.tar");
    await create({ file: archive, cwd: join(folder, "in"), preservePaths: true }, ["../evil.bin"]);
    rmSync(join(folder, "evil.bin"));
    await unpackArchive(archive, join(out(), "deep"), new Map([["evil.bin", 100]]));
    expect(existsSync(join(out(), "evil.bin"))).toBe(false);
    expect(readdirSync(join(out(), "deep"))).toEqual(["evil.bin"]);
  });

  test.each([
    [
      "a missing file",
      new Map([
        ["a.bin", 100],
        ["d.bin", 100],
      ]),
      "lacks d.bin",
    ],
    ["an oversized file", new Map([["a.bin", 3]]), "holds a.bin with 22 bytes, more than 3"],
    ["a file twice", new Map([["twice.bin", 100]]), "holds twice.bin twice"],
  ])("with %s are refused, with nothing left", async (_, wanted, text) => {
    const archive = await pack(["deep/a.bin", "deep/twice.bin", "twice.bin"]);
    const unpacking = unpackArchive(archive, out(), wanted);
    await expect(unpacking).rejects.toThrow(FormatError);
    await expect(unpacking).rejects.toThrow(text);
    expect(readdirSync(out())).toEqual([]);
  });

  test("that are damaged are refused, with nothing left", async () => {
    const archive = join(folder, "a.tar.gz");
    const { readFileSync } = await import("node:fs");
    await pack(["a.bin"]);
    const whole = readFileSync(archive);
    for (const broken of [whole.subarray(0, whole.length >> 1), Buffer.from("no archive at all"), Buffer.alloc(0)]) {
      writeFileSync(archive, broken);
      await expect(unpackArchive(archive, out(), new Map([["a.bin", 100]]))).rejects.toThrow(FormatError);
      expect(readdirSync(out())).toEqual([]);
    }
  });

  test("are downloaded, unpacked and put away", async () => {
    const archive = await pack(["deep/one.bin", "deep/two.bin"]);
    const { readFileSync } = await import("node:fs");
    const bytes = readFileSync(archive);
    const server = await serve((_, request, response) => send(request, response, bytes));
    const set: FileSet = {
      name: "packed",
      folders: ["packed"],
      files: { train: ["one.bin"], test: ["two.bin"] },
      partial: true,
      maxBytes: 1000,
      mirrors: [server.address],
      remote: { archive: { name: "a.tar.gz", md5: createHash("md5").update(bytes).digest("hex") } },
    };
    try {
      const { contents } = await openFiles(set, { cacheDir: out() });
      expect(contents.map(([path, content]) => [path, Buffer.from(content).toString()])).toEqual([
        [join(out(), "packed", "one.bin"), "contents of deep/one.bin"],
      ]);
      await openFiles(set, { cacheDir: out(), split: "test" });
      expect(server.asked).toEqual(["/a.tar.gz"]);
      expect(readdirSync(join(out(), "packed")).sort()).toEqual(["one.bin", "two.bin"]);
    } finally {
      await server.close();
    }
  });
});

describe("the real files (skipped where GRADLOOM_DATA has none)", () => {
  given("mnist")("MNIST", async () => {
    const train = await mnist.load({ dir: shared as string, download: false });
    expect(
      createHash("md5")
        .update(idxHeader([60000, 28, 28]))
        .update(train.images.data)
        .digest("hex"),
    ).toBe("6bbc9ace898e44ae57da46a324031adb");
    const test = await loadDataset("mnist", { dir: shared as string, download: false, split: "test" });
    expect(
      createHash("md5")
        .update(idxHeader([10000]))
        .update(Uint8Array.from(test.labels))
        .digest("hex"),
    ).toBe("27ae3e4e09519cfbb04c329615203637");
  });

  given("cifar-10-batches-bin")("CIFAR-10", async () => {
    const train = await cifar10.load({ dir: shared as string, download: false });
    expect(train.length + 10000 * train.source.missing.length).toBe(50000);
    expect(train.images.shape.slice(1)).toEqual([32, 32, 3]);
  });
});

const idxHeader = (shape: readonly number[]): Uint8Array => idx(8, shape, []);
