import { normalizeAxes } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { div, sub } from "./arithmetic.ts";
import { isInfinite, notEqual } from "./comparison.ts";
import { exp, log, sqrt, square } from "./mathematics.ts";
import { toFloat } from "./operands.ts";
import type { Axes } from "./reduction.ts";
import { max, mean, sum } from "./reduction.ts";
import { stopGradient } from "./stopGradient.ts";
import { where } from "./where.ts";

/** The square root with gradient 0, not infinity, at 0. */
export const rootOrZero = (x: Tensor): Tensor => {
  const zero = x.equal(x.constant(0));
  return where(zero, x.constant(0), sqrt(where(zero, x.constant(1), x)));
};

/**
 * Variance over `axes`: the sum of squared distances from the mean, divided by `n - correction` (1 by default: the unbiased
 * estimate; 0 for that of a whole population). NaN where `n <= correction`. Integers give float32.
 *
 * @throws ShapeError for an axis out of range.
 * @example variance(tensor([1, 2, 3])) // 1
 */
export const variance = (x: Tensor, axes?: Axes, keepDims = false, correction = 1): Tensor => {
  const y = toFloat(x);
  const over = normalizeAxes("variance", axes, y.rank);
  const n = over.reduce((count, d) => count * (y.shape[d] as number), 1);
  const total = sum(square(sub(y, mean(y, over, true))), over, keepDims);
  return div(total, total.constant(Math.max(0, n - correction)));
};

/**
 * Standard deviation, the square root of `variance`; its gradient at 0 is 0.
 *
 * @throws ShapeError for an axis out of range.
 * @example std(tensor([1, 2, 3])) // 1
 */
export const std = (x: Tensor, axes?: Axes, keepDims = false, correction = 1): Tensor =>
  rootOrZero(variance(x, axes, keepDims, correction));

/**
 * `log Σ e^x` over `axes` without overflow; -Infinity over no elements. Integers give float32.
 *
 * @throws ShapeError for an axis out of range.
 * @example logSumExp(tensor([1000, 1000])) // 1000.693
 */
export const logSumExp = (x: Tensor, axes?: Axes, keepDims = false): Tensor => {
  const y = toFloat(x);
  const over = normalizeAxes("logSumExp", axes, y.rank);
  if (over.some((d) => y.shape[d] === 0)) return log(sum(exp(y), over, keepDims));
  const most = stopGradient(max(y, over, true));
  const shift = where(isInfinite(most), most.constant(0), most);
  const total = log(sum(exp(sub(y, shift)), over, keepDims));
  return total.add(shift.reshape(total.shape));
};

/**
 * Number of elements over `axes` that are not 0 (NaN is not), as int32.
 *
 * @throws ShapeError for an axis out of range.
 * @example countNonzero(tensor([0, 3, 5])) // 2
 */
export const countNonzero = (x: Tensor, axes?: Axes, keepDims = false): Tensor =>
  sum(notEqual(x, x.constant(0)).cast("int32"), axes, keepDims);
