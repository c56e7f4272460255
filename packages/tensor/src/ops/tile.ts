import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { take } from "./gather.ts";

const requireCounts = (op: string, counts: readonly number[]): void => {
  if (counts.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ArgumentError(op, `repeats are whole numbers >= 0, got ${formatShape(counts)}`);
  }
};

/**
 * Repeats the whole of `x` along each dimension, as NumPy: the shorter of the shape and `repeats` is filled up with leading ones.
 *
 * @throws ArgumentError when a repeat is not a whole number >= 0.
 * @example tile(tensor([1, 2]), [2, 2]) // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export const tile = (x: Tensor, repeats: number | readonly number[]): Tensor => {
  const given = typeof repeats === "number" ? [repeats] : repeats;
  requireCounts("tile", given);
  const rank = Math.max(x.rank, given.length);
  const shape = [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
  const counts = [...new Array<number>(rank - given.length).fill(1), ...given];
  return x
    .reshape(shape.flatMap((n) => [1, n]))
    .broadcastTo(shape.flatMap((n, d) => [counts[d] as number, n]))
    .reshape(shape.map((n, d) => n * (counts[d] as number)));
};

/**
 * Repeats the whole of `x` along each dimension, as PyTorch's `Tensor.repeat`: one count per dimension, more for new leading ones.
 *
 * @throws ShapeError when there are fewer counts than dimensions; use `tile` then.
 * @example repeat(tensor([1, 2]), [2, 1]) // [[1, 2], [1, 2]]
 */
export const repeat = (x: Tensor, counts: readonly number[]): Tensor => {
  requireCounts("repeat", counts);
  if (counts.length < x.rank) {
    throw new ShapeError(
      "repeat",
      `needs a count for each dimension, got ${formatShape(counts)} for ${formatShape(x.shape)}`,
      "use tile",
    );
  }
  return tile(x, counts);
};

/**
 * Repeats each element along `axis`: all of them `counts` times, or element `i` `counts[i]` times. Without an axis, the elements in
 * row-major order.
 *
 * @throws ShapeError when the number of counts is not the size of the axis; ArgumentError when one is not a whole number >= 0.
 * @example repeatInterleave(tensor([1, 2]), 2) // [1, 1, 2, 2]
 * @example repeatInterleave(tensor([1, 2]), [3, 1]) // [1, 1, 1, 2]
 */
export const repeatInterleave = (x: Tensor, counts: number | readonly number[], axis?: number): Tensor => {
  if (axis === undefined) return repeatInterleave(x.flatten(), counts, 0);
  const d = normalizeAxis("repeatInterleave", axis, x.rank);
  const n = x.shape[d] as number;
  requireCounts("repeatInterleave", typeof counts === "number" ? [counts] : counts);
  if (typeof counts === "number") {
    const before = x.shape.slice(0, d + 1);
    const after = x.shape.slice(d + 1);
    return x
      .reshape([...before, 1, ...after])
      .broadcastTo([...before, counts, ...after])
      .reshape([...x.shape.slice(0, d), n * counts, ...after]);
  }
  if (counts.length !== n) {
    throw new ShapeError("repeatInterleave", `got ${counts.length} counts for axis ${d} of ${formatShape(x.shape)}`);
  }
  return take(
    x,
    counts.flatMap((count, i) => new Array<number>(count).fill(i)),
    d,
  );
};
