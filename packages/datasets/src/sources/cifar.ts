import { ArgumentError } from "@gradloom/backend";
import type { RemoteFile } from "../files/RemoteFile.ts";
import { cifar100Classes, cifar100Superclasses } from "./cifar100Classes.ts";
import type { LabeledImages } from "./LabeledImages.ts";
import { labeledImages } from "./LabeledImages.ts";
import type { ImageSource } from "./mnist.ts";
import type { FileSet, LoadOptions } from "./openFiles.ts";
import { openFiles } from "./openFiles.ts";
import type { CifarLabels } from "./parseCifar.ts";
import { parseCifar } from "./parseCifar.ts";

const mirrors = ["https://www.cs.toronto.edu/~kriz"];

/** Loads files of CIFAR's binary format. */
export const loadCifar = async (
  set: FileSet,
  labels: CifarLabels,
  classes: readonly string[],
  options: LoadOptions,
): Promise<LabeledImages> => {
  const { source, contents } = await openFiles(set, options);
  const parts = contents.map(([path, bytes]) => parseCifar(path, bytes, labels));
  const n = parts.reduce((sum, part) => sum + part.labels.length, 0);
  const pixels = new Uint8Array(n * 3072);
  const all = new Int32Array(n);
  let next = 0;
  for (const part of parts) {
    pixels.set(part.pixels, next * 3072);
    all.set(part.labels, next);
    next += part.labels.length;
  }
  return labeledImages(pixels, [n, 32, 32, 3], all, classes, source, options.dtype ?? "float32");
};

const fileSet = (
  name: string,
  folder: string,
  train: readonly string[],
  test: readonly string[],
  archive: RemoteFile,
): FileSet => ({
  name,
  folders: [folder, name],
  files: { train, test },
  partial: true,
  maxBytes: 2 ** 28,
  mirrors,
  remote: { archive },
});

const cifar10Files = fileSet(
  "cifar-10",
  "cifar-10-batches-bin",
  [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  ["test_batch.bin"],
  { name: "cifar-10-binary.tar.gz", bytes: 170052171, md5: "c32a1d4ab5d03f1284b67883e8d87530" },
);

const cifar10Classes = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

/**
 * CIFAR-10: 50,000 and 10,000 colour images of 32x32 pixels in 10 classes (Krizhevsky, 2009). Loads the training batches that are there;
 * `source.missing` names the others.
 *
 * @example const train = await cifar10.load({ split: "train" })
 */
export const cifar10: ImageSource = {
  classes: cifar10Classes,
  load: (options = {}) => loadCifar(cifar10Files, { bytes: 1, at: 0, count: 10 }, cifar10Classes, options),
};

const cifar100Files = fileSet("cifar-100", "cifar-100-binary", ["train.bin"], ["test.bin"], {
  name: "cifar-100-binary.tar.gz",
  bytes: 168513733,
  md5: "03b5dce01913d631647c71ecec9e9cb8",
});

export interface Cifar100Options extends LoadOptions {
  /** 100 classes (`fine`, the default) or the 20 that they belong to (`coarse`). */
  readonly labels?: "fine" | "coarse";
}

/** CIFAR-100: 50,000 and 10,000 colour images of 32x32 pixels in 100 classes (Krizhevsky, 2009). */
export const cifar100: {
  readonly classes: readonly string[];
  load(options?: Cifar100Options): Promise<LabeledImages>;
} = {
  classes: cifar100Classes,
  load: async (options = {}) => {
    const { labels = "fine" } = options;
    if (labels !== "fine" && labels !== "coarse") {
      throw new ArgumentError("cifar-100", `has no labels ${JSON.stringify(labels)}`, "use one of fine, coarse");
    }
    const fine = labels === "fine";
    const classes = fine ? cifar100Classes : cifar100Superclasses;
    return loadCifar(cifar100Files, { bytes: 2, at: fine ? 1 : 0, count: classes.length }, classes, options);
  },
};
