import { ArgumentError } from "@gradloom/backend";
import type { DataSource, Dataset } from "./dataset.ts";
import { random, shuffled } from "./random.ts";
import { subset } from "./subset.ts";

export interface SplitOptions {
  /** Draws at random what goes where; without it the order stays. */
  readonly seed?: number;
}

/**
 * Parts without common examples. Sizes are counts, or fractions that sum to 1; what rounding leaves over goes to the first part.
 *
 * @throws ArgumentError for sizes that do not sum to the length, or to 1.
 * @example const [train, validation] = split(digits, [0.9, 0.1], { seed: 1 })
 */
export const split = <T, const S extends readonly number[]>(
  from: DataSource<T>,
  sizes: S,
  { seed }: SplitOptions = {},
): { -readonly [K in keyof S]: Dataset<T> } => {
  const { length } = from;
  const sum = sizes.reduce((a, b) => a + b, 0);
  const fractions = Math.abs(sum - 1) < 1e-9 && !(sizes.every(Number.isInteger) && length === 1);
  if (sizes.some((size) => !(size >= 0)) || (!fractions && (sum !== length || !sizes.every(Number.isInteger)))) {
    throw new ArgumentError(
      "split",
      `sizes are counts that sum to ${length} or fractions that sum to 1, got ${sizes.join(", ")}`,
    );
  }
  const counts = fractions ? sizes.map((size) => Math.floor(size * length + 1e-9)) : [...sizes];
  counts[0] = (counts[0] as number) + length - counts.reduce((a, b) => a + b, 0);
  const order = seed === undefined ? Uint32Array.from({ length }, (_, i) => i) : shuffled(length, random(seed));
  let next = 0;
  const parts = counts.map((count) => {
    next += count;
    return subset(from, order.subarray(next - count, next));
  });
  return parts as unknown as { -readonly [K in keyof S]: Dataset<T> };
};
