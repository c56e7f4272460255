import { stat } from "node:fs/promises";
import type { DataSource, HostTensor, LabeledImages } from "@gradloom/datasets";
import { DataLoader, datasetNames, loadDataset } from "@gradloom/datasets";
import type { Tensor } from "@gradloom/tensor";
import { ArgumentError } from "@gradloom/tensor";
import { folderImages, syntheticImages } from "./images.ts";

/** Images with the numbers of their classes. */
export type Examples = DataSource<[HostTensor, number]>;

/** What is learnt: images and their classes. */
export interface Task {
  /** The data as the user would name it. */
  readonly name: string;
  /** Where it is from, for the user to read. */
  readonly origin: string;
  readonly inputShape: readonly number[];
  readonly classes: readonly string[];
  readonly train: LabeledImages;
  readonly test: LabeledImages;
}

export const synthetic = "synthetic-digits";

/** What `--data` takes. */
export const dataNames: readonly string[] = ["auto", synthetic, ...datasetNames, "cifar10", "cifar100"];

const aliases: Readonly<Record<string, string>> = { cifar10: "cifar-10", cifar100: "cifar-100" };

const taskOf = (name: string, train: LabeledImages, test: LabeledImages): Task => {
  const missing = [...train.source.missing, ...test.source.missing];
  const partly = missing.length === 0 ? "" : ` (without ${missing.join(", ")})`;
  return {
    name,
    origin: `${train.source.folder}${partly}`,
    inputShape: train.images.shape.slice(1),
    classes: train.classes,
    train,
    test,
  };
};

const isKnown = (name: string): name is (typeof datasetNames)[number] =>
  (datasetNames as readonly string[]).includes(name);

/**
 * Loads data by name: a data set, a folder, or "auto": MNIST where it is found or can be downloaded, else drawn digits.
 *
 * @param note Is told what was chosen and why.
 * @throws ArgumentError for an unknown name, with the names that are known.
 */
export const loadTask = async (given: string, note: (line: string) => void, signal?: AbortSignal): Promise<Task> => {
  const name = aliases[given] ?? given;
  const options = signal === undefined ? {} : { signal };
  if (name === synthetic) return taskOf(name, syntheticImages("train"), syntheticImages("test"));
  if (name === "auto") {
    try {
      const task = await loadTask("mnist", note, signal);
      note(`Data: MNIST from ${task.origin}`);
      return task;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      note(`Data: synthetic digits, because MNIST could not be loaded: ${(error as Error).message.split("\n")[0]}`);
      return loadTask(synthetic, note, signal);
    }
  }
  if (isKnown(name)) {
    const [train, test] = [
      await loadDataset(name, { ...options, split: "train" }),
      await loadDataset(name, { ...options, split: "test" }),
    ];
    return taskOf(name, train, test);
  }
  if ((await stat(name).catch(() => undefined))?.isDirectory() === true) {
    const [train, test] = await folderImages(name);
    return taskOf(name, train, test);
  }
  throw new ArgumentError("--data", `unknown data "${given}"`, `use a folder, or one of ${dataNames.join(", ")}`);
};

/** Batches of [images, labels]: in their own order, or shuffled where there is a seed. */
export const batches = (
  data: Examples,
  options: { readonly batchSize: number; readonly seed?: number },
): DataLoader<unknown, [Tensor, Tensor]> => {
  const { batchSize, seed } = options;
  const shuffled = seed === undefined ? {} : { shuffle: true, seed };
  return new DataLoader(data, { batchSize, ...shuffled }) as DataLoader<unknown, [Tensor, Tensor]>;
};

/** One number per pixel as characters from light to dark. */
export const sketch = (data: ArrayLike<number>, [height = 0, width = 0, channels = 1]: readonly number[]): string => {
  const shades = " .:-=+*#%@";
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = "";
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += data[(y * width + x) * channels + c] as number;
      line += shades[Math.min(9, Math.floor((sum / channels / 256) * 10))];
    }
    lines.push(line.trimEnd());
  }
  return lines.join("\n");
};
