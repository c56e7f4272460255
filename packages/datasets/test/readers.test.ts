import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, FormatError, UnsupportedError } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { batch, csvFile, DataLoader, decodeImage, imageFolder, parseCsv, textLines } from "@gradloom/datasets";
import { useDevice } from "@gradloom/tensor";
import { encode } from "jpeg-js";
import { PNG } from "pngjs";
import { optional } from "../src/readers/optional.ts";
import { send, serve } from "./support/server.ts";

let folder: string;
beforeAll(async () => {
  await useDevice(createReferenceBackend());
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "readers-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const rgba = (width: number, height: number): Buffer =>
  Buffer.from(Array.from({ length: width * height }, (_, i) => [10 * i, 100, 200, 255]).flat());
const png = (width: number, height: number): Buffer => {
  const image = new PNG({ width, height });
  image.data = rgba(width, height);
  return PNG.sync.write(image);
};
const jpeg = (width: number, height: number): Buffer => encode({ width, height, data: rgba(width, height) }, 100).data;

describe("decodeImage", () => {
  test("PNG, exactly", async () => {
    const image = await decodeImage("f", png(3, 2));
    expect(image).toMatchObject({ shape: [2, 3, 3], dtype: "uint8" });
    expect([...image.data].slice(0, 6)).toEqual([0, 100, 200, 10, 100, 200]);
    expect((await decodeImage("f", png(3, 2), { channels: 4 })).shape).toEqual([2, 3, 4]);
    const grey = await decodeImage("f", png(3, 2), { channels: 1 });
    expect([...grey.data].slice(0, 2)).toEqual([82, 84]);
  });

  test("JPEG, nearly", async () => {
    const { data, shape } = await decodeImage("f", jpeg(8, 8));
    expect(shape).toEqual([8, 8, 3]);
    expect(Math.abs((data[1] as number) - 100)).toBeLessThan(12);
  });

  test("refuses what it is not, and what is damaged or too large", async () => {
    const whole = png(30, 20);
    const large = Buffer.from(whole);
    large.writeUInt32BE(1_000_000, 16);
    const jpg = jpeg(64, 64);
    const cases: [string, Uint8Array, string | RegExp][] = [
      ["nothing", new Uint8Array(0), "[f] is neither PNG nor JPEG"],
      ["text", Buffer.from("hello"), "[f] is neither PNG nor JPEG"],
      ["half a header", whole.subarray(0, 20), "[f] is truncated"],
      ["a damaged PNG", whole.subarray(0, 60), "[f] cannot be decoded"],
      ["a PNG that says it is huge", large, "[f] states 1000000x20 pixels, at most 1000 are unpacked"],
      ["a damaged JPEG", jpg.subarray(0, 100), "[f] cannot be decoded"],
      ["a JPEG that is too large", jpg, "[f] cannot be decoded"],
    ];
    for (const [, bytes, text] of cases) {
      await expect(decodeImage("f", bytes, { maxPixels: 1000 })).rejects.toThrow(FormatError);
      await expect(decodeImage("f", bytes, { maxPixels: 1000 })).rejects.toThrow(text);
    }
  });

  test("says what to install", async () => {
    const load = () => optional("decodeImage", "pngjs-that-nobody-has" as "pngjs");
    await expect(load()).rejects.toThrow(UnsupportedError);
    await expect(load()).rejects.toThrow(/needs the package pngjs-that.*; run npm install pngjs-that-nobody-has/);
  });
});

describe("imageFolder", () => {
  test("reads classes from folders", async () => {
    for (const [name, bytes] of [
      ["dogs/b.png", png(2, 2)],
      ["dogs/a.JPG", jpeg(2, 2)],
      ["cats/deep/c.png", png(2, 2)],
      ["cats/notes.txt", Buffer.from("no image")],
    ] as const) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    const pets = await imageFolder(folder);
    expect(pets.classes).toEqual(["cats", "dogs"]);
    expect(pets.paths).toEqual(["cats/deep/c.png", "dogs/a.JPG", "dogs/b.png"].map((name) => join(folder, name)));
    for await (const [images, labels] of new DataLoader(pets, { batchSize: 3 })) {
      expect(images).toMatchObject({ shape: [3, 2, 2, 3], dtype: "uint8" });
      expect(await labels.array()).toEqual([0, 1, 1]);
    }
    writeFileSync(join(folder, "dogs/b.png"), "broken");
    await expect(pets.get(2)).rejects.toThrow("b.png] is neither PNG nor JPEG");
  });

  test("refuses a folder without images", async () => {
    await expect(imageFolder(folder)).rejects.toThrow(ArgumentError);
  });
});

describe("CSV", () => {
  test("parses quotes, other delimiters and given names", async () => {
    expect(await parseCsv("f", '\ufeffa,"b ""x"""\r\n1,"2\n3"\r\n\r\n')).toEqual([{ a: "1", 'b "x"': "2\n3" }]);
    expect(await parseCsv("f", "1;2\n", { delimiter: ";", columns: ["x", "y"] })).toEqual([{ x: "1", y: "2" }]);
  });

  test.each([
    ["open quotes", 'a,b\n"1,2', "[f] is no CSV"],
    ["a short line", "a,b\n1\n", "[f] is no CSV"],
    ["columns of one name", "a,a\n1,2\n", '[f] needs columns with different names, got ["a","a"]'],
    ["a column without a name", "a,\n1,2\n", "[f] needs columns with different names"],
  ])("refuses %s", async (_, text, message) => {
    await expect(parseCsv("f", text)).rejects.toThrow(FormatError);
    await expect(parseCsv("f", text)).rejects.toThrow(message);
  });

  test("becomes numbers and classes", async () => {
    const path = join(folder, "iris.csv");
    writeFileSync(path, "width,length,species\n1,2.5,rose\n3,4,daisy\n5,6,rose\n");
    const iris = await csvFile(path, { target: "species" });
    expect([iris.length, iris.inputs, iris.classes]).toEqual([3, ["width", "length"], ["daisy", "rose"]]);
    const [x, y] = iris.gather!([0, 1]);
    expect([await x.array(), x.dtype]).toEqual([
      [
        [1, 2.5],
        [3, 4],
      ],
      "float32",
    ]);
    expect([await y.array(), y.dtype]).toEqual([[1, 0], "int32"]);
    const lengths = await csvFile(path, { target: "length", inputs: ["width"] });
    expect(lengths.classes).toEqual([]);
    expect(lengths.gather!([0])[1].dtype).toBe("float32");
    await expect(csvFile(path, { target: "width" })).rejects.toThrow(
      'has "rose" in column species of record 0, which is no number',
    );
    await expect(csvFile(path, { target: "colour" })).rejects.toThrow(
      /has no column colour; use some of width, length, species/,
    );
    writeFileSync(path, "a,b\n");
    await expect(csvFile(path, { target: "a" })).rejects.toThrow("has no records");
    writeFileSync(path, Uint8Array.of(0xff, 0xfe));
    await expect(csvFile(path, { target: "a" })).rejects.toThrow("is no UTF-8 text");
  });

  test("is read from addresses", async () => {
    const server = await serve((_, request, response) => send(request, response, Buffer.from("x,y\n1,2\n")));
    try {
      expect((await csvFile(`${server.address}/data/a.csv`, { target: "y" })).length).toBe(1);
      expect(server.asked).toEqual(["/data/a.csv"]);
    } finally {
      await server.close();
    }
  });
});

describe("textLines", () => {
  const lines = async (from: AsyncIterable<string>): Promise<string[]> => {
    const all: string[] = [];
    for await (const line of from) all.push(line);
    return all;
  };

  test("goes through files, again and again", async () => {
    const [a, b] = ["a", "b"].map((name) => join(folder, name)) as [string, string];
    writeFileSync(a, "one\r\ntwö\n\nfour");
    writeFileSync(b, "five\n");
    const both = textLines([a, b]);
    expect(await lines(both)).toEqual(["one", "twö", "", "four", "five"]);
    expect(await lines(both)).toHaveLength(5);
    expect(await lines(textLines(a))).toHaveLength(4);
    for await (const two of batch(textLines(a), 2)) {
      expect(two).toEqual(["one", "twö"]);
      break;
    }
  });

  test("refuses bytes that are no text, and endless lines", async () => {
    const path = join(folder, "a");
    writeFileSync(path, Uint8Array.of(65, 10, 0xc3));
    await expect(lines(textLines(path))).rejects.toThrow(FormatError);
    writeFileSync(path, "x".repeat(100));
    await expect(lines(textLines(path, { maxLength: 50 }))).rejects.toThrow("a line of more than 50 characters");
  });
});
