import type { DataSource, Dataset } from "./dataset.ts";
import { checkIndex, dataset } from "./dataset.ts";

/**
 * The examples of given numbers, in their order.
 *
 * @throws ArgumentError for numbers that no example has.
 * @example subset(digits, [0, 2, 4])
 */
export const subset = <T>(from: DataSource<T>, indices: ArrayLike<number>): Dataset<T> => {
  const chosen = Float64Array.from(indices);
  for (const index of chosen) checkIndex(index, from.length);
  return dataset<T>({
    length: chosen.length,
    get: (index) => from.get(chosen[index] as number),
    gather:
      from.gather &&
      ((list) =>
        (from.gather as NonNullable<typeof from.gather>)(
          Array.from(list, (i) => {
            checkIndex(i, chosen.length);
            return chosen[i] as number;
          }),
        )),
  });
};

/** The first `count` examples, or all when there are fewer. @example take(digits, 1000) */
export const take = <T>(from: DataSource<T>, count: number): Dataset<T> =>
  subset(
    from,
    Array.from({ length: Math.min(count, from.length) }, (_, i) => i),
  );
