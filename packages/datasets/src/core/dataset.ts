import { ArgumentError } from "@gradloom/backend";
import type { Collated } from "./collate.ts";
import { collate } from "./collate.ts";

/** What a data set must say: how many examples there are, and which is the i-th. */
export interface DataSource<T> {
  readonly length: number;
  get(index: number): T | Promise<T>;
  /** Cuts a batch at once, faster than collating single examples but with the same result. */
  readonly gather?: ((indices: ArrayLike<number>) => Collated<T>) | undefined;
}

/** Examples with numbers from 0 to length - 1, which can also be gone through with `for await`. */
export interface Dataset<T> extends DataSource<T>, AsyncIterable<T> {}

/** Examples in an order of their own and of unknown number. */
export type Stream<T> = AsyncIterable<T> | Iterable<T>;

export const isDataset = <T>(value: DataSource<T> | Stream<T>): value is Dataset<T> =>
  "get" in value && typeof value.get === "function" && "length" in value;

/** Refuses numbers that no example has. */
export const checkIndex = (index: number, length: number): void => {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new ArgumentError("dataset", `has no example ${index}, the first is 0 and the last ${length - 1}`);
  }
};

/**
 * A data set of your own, from its length and a function that gives (or promises) the i-th example.
 *
 * @example const squares = dataset({ length: 10, get: (i) => i * i })
 */
export const dataset = <T>(source: DataSource<T>): Dataset<T> => {
  const { length, gather } = source;
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new ArgumentError("dataset", `a length is a whole number >= 0, got ${length}`);
  }
  const get = (index: number): T | Promise<T> => {
    checkIndex(index, length);
    return source.get(index);
  };
  return {
    length,
    get,
    ...(gather === undefined ? {} : { gather: (indices: ArrayLike<number>) => gather.call(source, indices) }),
    async *[Symbol.asyncIterator]() {
      for (let i = 0; i < length; i++) yield get(i);
    },
  };
};

/** The examples of given numbers as one batch. */
export const gatherFrom = async <T>(from: DataSource<T>, indices: ArrayLike<number>): Promise<Collated<T>> => {
  if (from.gather !== undefined) return from.gather(indices);
  return collate(await Promise.all(Array.from(indices, (i) => from.get(i))));
};
