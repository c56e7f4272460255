import { ArgumentError } from "@gradloom/backend";
import type { DataSource, Dataset, Stream } from "./dataset.ts";
import { isDataset } from "./dataset.ts";
import { random, shuffled } from "./random.ts";
import { subset } from "./subset.ts";

export interface ShuffleOptions {
  /** The same seed gives the same order; 0 by default. */
  readonly seed?: number;
  /** Examples of a stream that are held back to choose from; 1000 by default. */
  readonly buffer?: number;
}

/**
 * Another order, drawn once. A stream is mixed as it is read, within a buffer. A `DataLoader` with `shuffle: true` draws a new order for
 * every epoch.
 *
 * @example shuffle(digits, { seed: 1 })
 */
export function shuffle<T>(from: DataSource<T>, options?: ShuffleOptions): Dataset<T>;
export function shuffle<T>(from: Stream<T>, options?: ShuffleOptions): AsyncIterable<T>;
export function shuffle<T>(
  from: DataSource<T> | Stream<T>,
  { seed = 0, buffer = 1000 }: ShuffleOptions = {},
): Dataset<T> | AsyncIterable<T> {
  if (isDataset(from)) return subset(from, shuffled(from.length, random(seed)));
  if (!Number.isInteger(buffer) || buffer < 1) {
    throw new ArgumentError("shuffle", `a buffer holds a whole number of examples >= 1, got ${buffer}`);
  }
  return {
    async *[Symbol.asyncIterator]() {
      const source = random(seed);
      const held: T[] = [];
      for await (const example of from as Stream<T>) {
        if (held.length < buffer) {
          held.push(example);
          continue;
        }
        const i = source.below(buffer);
        yield held[i] as T;
        held[i] = example;
      }
      for (const i of shuffled(held.length, source)) yield held[i] as T;
    },
  };
}
