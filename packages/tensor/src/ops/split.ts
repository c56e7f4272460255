import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";

/** Consecutive pieces of the given sizes along axis `d`. */
const pieces = (x: Tensor, sizes: readonly number[], d: number): Tensor[] => {
  let from = 0;
  return sizes.map((size) => {
    const start = x.shape.map((_, i) => (i === d ? from : 0));
    from += size;
    return x.stridedSlice(
      start,
      x.shape.map((n, i) => (i === d ? size : n)),
    );
  });
};

/** Pieces of `size`, the last one smaller when it must be; one empty piece of an empty axis. */
const evenSizes = (n: number, size: number): number[] =>
  Array.from({ length: Math.max(1, Math.ceil(n / size)) }, (_, i) => Math.min(size, n - i * size));

/**
 * Cuts `x` along `axis` into pieces of `size` (the last one may be smaller), or of the sizes listed.
 *
 * @throws ShapeError when the sizes do not add up to the axis; ArgumentError for a size that is not a whole number.
 * @example split(arange(5), 2) // [0, 1], [2, 3], [4]
 * @example split(arange(5), [1, 4]) // [0], [1, 2, 3, 4]
 */
export const split = (x: Tensor, size: number | readonly number[], axis = 0): Tensor[] => {
  const d = normalizeAxis("split", axis, x.rank);
  const n = x.shape[d] as number;
  if (typeof size === "number") {
    if (!Number.isInteger(size) || size < 1)
      throw new ArgumentError("split", `a size is a whole number >= 1, got ${size}`);
    return pieces(x, evenSizes(n, size), d);
  }
  if (size.some((m) => !Number.isInteger(m) || m < 0)) {
    throw new ArgumentError("split", `sizes are whole numbers >= 0, got ${formatShape(size)}`);
  }
  const total = size.reduce((a, b) => a + b, 0);
  if (total !== n) {
    throw new ShapeError(
      "split",
      `sizes ${formatShape(size)} add up to ${total}, but axis ${d} of ${formatShape(x.shape)} has ${n}`,
    );
  }
  return pieces(x, size, d);
};

/**
 * Cuts `x` along `axis` into `count` pieces of one size; the last one may be smaller, and there are fewer when the axis is short.
 *
 * @throws ArgumentError when `count` is not a whole number >= 1.
 * @example chunk(arange(5), 2) // [0, 1, 2], [3, 4]
 */
export const chunk = (x: Tensor, count: number, axis = 0): Tensor[] => {
  const d = normalizeAxis("chunk", axis, x.rank);
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError("chunk", `the number of pieces is a whole number >= 1, got ${count}`);
  }
  const n = x.shape[d] as number;
  return pieces(x, n === 0 ? new Array<number>(count).fill(0) : evenSizes(n, Math.ceil(n / count)), d);
};

/**
 * The slices of `x` along `axis`, without that axis.
 *
 * @example unbind(tensor([[1, 2], [3, 4]])) // [1, 2], [3, 4]
 */
export const unbind = (x: Tensor, axis = 0): Tensor[] => {
  const d = normalizeAxis("unbind", axis, x.rank);
  const rest = x.shape.filter((_, i) => i !== d);
  return pieces(x, new Array<number>(x.shape[d] as number).fill(1), d).map((piece) => piece.reshape(rest));
};
