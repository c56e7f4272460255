import { ArgumentError } from "@gradloom/backend";
import type { Dataset } from "../core/dataset.ts";
import { dataset } from "../core/dataset.ts";
import type { HostTensor } from "../core/hostTensor.ts";
import { nodeModule } from "../files/nodeModule.ts";
import { readFile } from "../files/readFile.ts";
import type { DecodeImageOptions } from "./decodeImage.ts";
import { decodeImage } from "./decodeImage.ts";

/** Images from files, decoded when they are taken. */
export interface ImageFolder extends Dataset<[HostTensor, number]> {
  /** Names of the folders, in the order of their numbers. */
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  readonly labels: Int32Array;
}

const isImage = /\.(png|jpe?g)$/i;

/**
 * The PNG and JPEG files of a folder that has one folder for each class, as `cats/1.png`, `dogs/1.jpg`. Classes are numbered and files
 * ordered by name. Images are bytes [height, width, channels].
 *
 * @throws ArgumentError when there are no such files; FormatError, from the image concerned, for damaged ones.
 * @example const pets = cache(await imageFolder("pets"))
 */
export const imageFolder = async (folder: string, options: DecodeImageOptions = {}): Promise<ImageFolder> => {
  const { readdir } = await nodeModule("node:fs/promises");
  const { join } = await nodeModule("node:path");
  const order = (a: string, b: string): number => (a < b ? -1 : 1);
  const entries = await readdir(folder, { withFileTypes: true });
  const classes = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort(order);
  const found: [string, number][] = [];
  for (const [label, name] of classes.entries()) {
    const files = await readdir(join(folder, name), { recursive: true });
    for (const file of files.filter((each) => isImage.test(each)).sort(order)) {
      found.push([join(folder, name, file), label]);
    }
  }
  if (found.length === 0) {
    throw new ArgumentError("imageFolder", `there are no images in folders below ${folder}`, "make one for each class");
  }
  const paths = found.map(([path]) => path);
  const labels = Int32Array.from(found, ([, label]) => label);
  const get = async (index: number): Promise<[HostTensor, number]> => {
    const path = paths[index] as string;
    return [await decodeImage(path, await readFile(path, 2 ** 28), options), labels[index] as number];
  };
  return { ...dataset({ length: paths.length, get }), classes, paths, labels };
};
