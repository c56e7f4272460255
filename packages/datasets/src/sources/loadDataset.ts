import { ArgumentError } from "@gradloom/backend";
import { cifar10, cifar100 } from "./cifar.ts";
import type { LabeledImages } from "./LabeledImages.ts";
import { fashionMnist, kmnist, mnist } from "./mnist.ts";
import type { LoadOptions } from "./openFiles.ts";

const sources = {
  mnist,
  "fashion-mnist": fashionMnist,
  kmnist,
  "cifar-10": cifar10,
  "cifar-100": cifar100,
} as const;

export type DatasetName = keyof typeof sources;

/** The names that `loadDataset` knows. */
export const datasetNames = Object.keys(sources) as readonly DatasetName[];

/**
 * Loads a data set by its name.
 *
 * @throws ArgumentError for an unknown name, listing the known ones.
 * @example const test = await loadDataset("mnist", { split: "test" })
 */
export const loadDataset = async (name: DatasetName, options: LoadOptions = {}): Promise<LabeledImages> => {
  if (!Object.hasOwn(sources, name)) {
    throw new ArgumentError(
      "loadDataset",
      `there is no data set ${JSON.stringify(name)}`,
      `use one of ${datasetNames.join(", ")}`,
    );
  }
  return sources[name].load(options);
};
