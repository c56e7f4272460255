import type { DataSource, Dataset, Stream } from "./dataset.ts";
import { dataset, isDataset } from "./dataset.ts";

/**
 * Applies a function to each example when it is taken.
 *
 * @example map(digits, ([image, label]) => [image, label % 2])
 */
export function map<T, U>(from: DataSource<T>, change: (example: T, index: number) => U | Promise<U>): Dataset<U>;
export function map<T, U>(from: Stream<T>, change: (example: T, index: number) => U | Promise<U>): AsyncIterable<U>;
export function map<T, U>(
  from: DataSource<T> | Stream<T>,
  change: (example: T, index: number) => U | Promise<U>,
): Dataset<U> | AsyncIterable<U> {
  if (isDataset(from)) {
    const get = (index: number): U | Promise<U> => {
      const example = from.get(index);
      return example instanceof Promise ? example.then((value) => change(value, index)) : change(example, index);
    };
    return dataset({ length: from.length, get });
  }
  return {
    async *[Symbol.asyncIterator]() {
      let index = 0;
      for await (const example of from as Stream<T>) yield change(example, index++);
    },
  };
}
