import { readdir } from "node:fs/promises";
import type { LabeledImages } from "@gradloom/datasets";
import { cifar10, cifar100, mnist, syntheticDigits } from "@gradloom/datasets";
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

/** Training and test images of a folder with files in the format of MNIST or CIFAR. */
export const folderImages = async (dir: string): Promise<readonly [train: LabeledImages, test: LabeledImages]> => {
  const files = await readdir(dir);
  const source = formats.find(([pattern]) => files.some((file) => pattern.test(file)))?.[1];
  if (source === undefined) {
    throw new ArgumentError(
      "--data",
      `${dir} holds neither MNIST's files (train-images-idx3-ubyte, ...) nor CIFAR's (data_batch_1.bin, ...)`,
      "name a folder with those, or a data set",
    );
  }
  const options = { dir, download: false } as const;
  return [await source.load({ ...options, split: "train" }), await source.load({ ...options, split: "test" })];
};
