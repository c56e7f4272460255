import { ArgumentError } from "@gradloom/backend";
import type { Collated } from "./collate.ts";
import { collate } from "./collate.ts";
import type { DataSource, Dataset, Stream } from "./dataset.ts";
import { dataset, gatherFrom, isDataset } from "./dataset.ts";

export interface BatchOptions {
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean;
}

/** Refuses a batch size that is none. */
export const checkBatchSize = (op: string, size: number): void => {
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgumentError(op, `a batch holds a whole number of examples >= 1, got ${size}`);
  }
};

/**
 * Consecutive examples together, as `collate` puts them.
 *
 * @example for await (const [images, labels] of batch(digits, 64)) ...
 */
export function batch<T>(from: DataSource<T>, size: number, options?: BatchOptions): Dataset<Collated<T>>;
export function batch<T>(from: Stream<T>, size: number, options?: BatchOptions): AsyncIterable<Collated<T>>;
export function batch<T>(
  from: DataSource<T> | Stream<T>,
  size: number,
  { dropLast = false }: BatchOptions = {},
): Dataset<Collated<T>> | AsyncIterable<Collated<T>> {
  checkBatchSize("batch", size);
  if (isDataset(from)) {
    const length = dropLast ? Math.floor(from.length / size) : Math.ceil(from.length / size);
    const indices = (i: number): number[] =>
      Array.from({ length: Math.min(size, from.length - i * size) }, (_, k) => i * size + k);
    return dataset<Collated<T>>({ length, get: (i) => gatherFrom(from, indices(i)) });
  }
  return {
    async *[Symbol.asyncIterator]() {
      let examples: T[] = [];
      for await (const example of from as Stream<T>) {
        examples.push(example);
        if (examples.length < size) continue;
        yield collate(examples);
        examples = [];
      }
      if (examples.length > 0 && !dropLast) yield collate(examples);
    },
  };
}
