import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImageFolder, LabeledImages } from "@gradloom/datasets";
import { cifar10, cifar100, fromArrays, imageFolder, mnist, syntheticDigits } from "@gradloom/datasets";
import { ArgumentError } from "@gradloom/tensor";

/** 10,000 drawn digits to train on, 2,000 others to test on. */
export const syntheticImages = (split: "train" | "test"): LabeledImages =>
  syntheticDigits(split === "train" ? { count: 10000, seed: 1 } : { count: 2000, seed: 2 });

/** What a folder may hold, by a file that gives it away. */
const formats = [
  [/^train-images-idx3-ubyte(\.gz)?$/, mnist],
  [/^data_batch_1\.bin(\.gz)?$/, cifar10],
  [/^train\.bin(\.gz)?$/, cifar100],
] as const;

/** Decodes the images of given numbers into one array. @throws ArgumentError for images of different sizes. */
const inMemory = async (folder: string, from: ImageFolder, indices: readonly number[]): Promise<LabeledImages> => {
  const decoded = await Promise.all(indices.map(async (i) => (await from.get(i))[0]));
  const first = decoded[0]?.shape ?? [0, 0, 3];
  const size = first.reduce((n, m) => n * m, 1);
  const pixels = new Uint8Array(decoded.length * size);
  for (const [k, { data, shape }] of decoded.entries()) {
    if (String(shape) !== String(first)) {
      throw new ArgumentError(
        "--data",
        `images have one size, got [${first}] and, in ${from.paths[indices[k] as number]}, [${shape}]`,
        "scale them to one size first",
      );
    }
    pixels.set(data as Uint8Array, k * size);
  }
  const images = { data: pixels, shape: [decoded.length, ...first], dtype: "uint8" } as const;
  const labels = Int32Array.from(indices, (i) => from.labels[i] as number);
  return {
    ...fromArrays([{ ...images, dtype: "float32", scale: 1 / 255 }, labels]),
    classes: from.classes,
    source: { folder, files: [], missing: [] },
    images,
    labels,
  };
};

/** PNG and JPEG files in folders named as their classes: below `train` and `test`, or every fifth image is for testing. */
const decodedImages = async (
  dir: string,
  entries: readonly string[],
): Promise<readonly [LabeledImages, LabeledImages]> => {
  const all = ({ length }: ImageFolder): number[] => Array.from({ length }, (_, i) => i);
  if (entries.includes("train") && entries.includes("test")) {
    const [train, test] = [await imageFolder(join(dir, "train")), await imageFolder(join(dir, "test"))];
    if (String(train.classes) !== String(test.classes)) {
      throw new ArgumentError(
        "--data",
        `${dir} has other classes in train than in test, got ${train.classes} and ${test.classes}`,
      );
    }
    return [await inMemory(dir, train, all(train)), await inMemory(dir, test, all(test))];
  }
  const images = await imageFolder(dir);
  const pick = (test: boolean): number[] => all(images).filter((i) => (i % 5 === 4) === test);
  return [await inMemory(dir, images, pick(false)), await inMemory(dir, images, pick(true))];
};

/** Training and test images of a folder: files in the format of MNIST or CIFAR, or PNG and JPEG files in folders by class. */
export const folderImages = async (dir: string): Promise<readonly [train: LabeledImages, test: LabeledImages]> => {
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  const source = formats.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
  if (source !== undefined) {
    const options = { dir, download: false } as const;
    return [await source.load({ ...options, split: "train" }), await source.load({ ...options, split: "test" })];
  }
  if (entries.some((entry) => entry.isDirectory())) return decodedImages(dir, names);
  throw new ArgumentError(
    "--data",
    `${dir} holds neither folders of images nor the files of MNIST (train-images-idx3-ubyte, ...) or CIFAR (data_batch_1.bin, ...)`,
    "make a folder of PNG or JPEG files for each class",
  );
};
