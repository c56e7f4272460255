import type { Dataset } from "../core/dataset.ts";
import { fromArrays } from "../core/fromArrays.ts";
import type { HostTensor } from "../core/hostTensor.ts";

/** Where data came from. */
export interface Source {
  /** A folder, or an address. */
  readonly folder: string;
  readonly files: readonly string[];
  /** Files of the official data set that were not there: only a part was loaded. */
  readonly missing: readonly string[];
}

/** Images with the number of their class, all in memory. */
export interface LabeledImages extends Dataset<[HostTensor, number]> {
  readonly classes: readonly string[];
  readonly source: Source;
  /** All pixels as bytes, [n, height, width, channels]. */
  readonly images: HostTensor;
  readonly labels: Int32Array;
}

/** Float images have pixels from 0 to 1, bytes from 0 to 255. */
export type ImageType = "float32" | "uint8";

export const labeledImages = (
  pixels: Uint8Array,
  shape: readonly number[],
  labels: Int32Array,
  classes: readonly string[],
  source: Source,
  dtype: ImageType,
): LabeledImages => {
  const scale = dtype === "float32" ? { scale: 1 / 255 } : {};
  const images = fromArrays([{ data: pixels, shape, dtype, ...scale }, labels]);
  return { ...images, classes, source, images: { data: pixels, shape, dtype: "uint8" }, labels };
};
