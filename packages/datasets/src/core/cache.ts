import type { DataSource, Dataset } from "./dataset.ts";
import { dataset } from "./dataset.ts";

/**
 * Keeps each example in memory once it was taken, so that what came before (reading, decoding, mapping) is done once.
 *
 * @example cache(map(imageFolder, decode))
 */
export const cache = <T>(from: DataSource<T>): Dataset<T> => {
  const kept = new Map<number, T | Promise<T>>();
  const get = (index: number): T | Promise<T> => {
    if (kept.has(index)) return kept.get(index) as T | Promise<T>;
    const example = from.get(index);
    kept.set(index, example);
    // What failed is tried again next time.
    if (example instanceof Promise) example.catch(() => kept.delete(index));
    return example;
  };
  return dataset({ length: from.length, get });
};
