import type { DataSource, Dataset, Stream } from "./dataset.ts";
import { isDataset } from "./dataset.ts";
import { subset } from "./subset.ts";

/**
 * Keeps the examples that a test accepts. A data set is gone through once, to learn how many there are; a stream as it is read.
 *
 * @example const even = await filter(digits, ([, label]) => label % 2 === 0)
 */
export function filter<T>(
  from: DataSource<T>,
  test: (example: T, index: number) => boolean | Promise<boolean>,
): Promise<Dataset<T>>;
export function filter<T>(
  from: Stream<T>,
  test: (example: T, index: number) => boolean | Promise<boolean>,
): AsyncIterable<T>;
export function filter<T>(
  from: DataSource<T> | Stream<T>,
  test: (example: T, index: number) => boolean | Promise<boolean>,
): Promise<Dataset<T>> | AsyncIterable<T> {
  return isDataset(from) ? filterDataset(from, test) : filterStream(from as Stream<T>, test);
}

const filterDataset = async <T>(
  from: DataSource<T>,
  test: (example: T, index: number) => boolean | Promise<boolean>,
): Promise<Dataset<T>> => {
  const kept: number[] = [];
  for (let i = 0; i < from.length; i++) if (await test(await from.get(i), i)) kept.push(i);
  return subset(from, kept);
};

const filterStream = <T>(
  from: Stream<T>,
  test: (example: T, index: number) => boolean | Promise<boolean>,
): AsyncIterable<T> => ({
  async *[Symbol.asyncIterator]() {
    let index = 0;
    for await (const example of from) if (await test(example, index++)) yield example;
  },
});
