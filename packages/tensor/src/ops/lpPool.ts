import { ArgumentError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { toFloat } from "./operands.ts";
import type { PoolOptions } from "./pooling.ts";
import { maxPool, sumPool } from "./pooling.ts";
import type { PerDimension } from "./window.ts";

const lpPool = (op: string, rank: number, x: Tensor, p: number, size: PerDimension, options: PoolOptions): Tensor => {
  if (!(p > 0)) throw new ArgumentError(op, `p is greater than 0, got ${p}`);
  const y = toFloat(x);
  const magnitude = y.abs();
  if (p === Number.POSITIVE_INFINITY) return maxPool(op, rank, magnitude, size, options);
  const powers = p === 1 ? magnitude : p === 2 ? y.square() : magnitude.pow(y.constant(p));
  const total = sumPool(op, rank, powers, size, options);
  if (p === 1) return total;
  const positive = total.greater(total.constant(0));
  return positive.where(positive.where(total, total.constant(1)).pow(total.constant(1 / p)), total);
};

/**
 * `(sum |x|^p)^(1/p)` of each window along the length of x [batch, length, channels]; the largest magnitude for p = Infinity. Padding, and
 * what a last window reaches over, adds nothing. Where the sum is 0 the gradient is 0.
 *
 * @throws ShapeError when a window does not fit; ArgumentError unless p > 0.
 * @example lpPool1d(x, 2, 3)
 */
export const lpPool1d = (x: Tensor, p: number, window: PerDimension, options: PoolOptions = {}): Tensor =>
  lpPool("lpPool1d", 1, x, p, window, options);

/** `(sum |x|^p)^(1/p)` of each window of x [batch, height, width, channels]. As `lpPool1d`. */
export const lpPool2d = (x: Tensor, p: number, window: PerDimension, options: PoolOptions = {}): Tensor =>
  lpPool("lpPool2d", 2, x, p, window, options);

/** `(sum |x|^p)^(1/p)` of each window of x [batch, depth, height, width, channels]. As `lpPool1d`. */
export const lpPool3d = (x: Tensor, p: number, window: PerDimension, options: PoolOptions = {}): Tensor =>
  lpPool("lpPool3d", 3, x, p, window, options);
