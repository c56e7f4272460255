import { ArgumentError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { abs, pow, square } from "./mathematics.ts";
import { toFloat } from "./operands.ts";
import type { Axes } from "./reduction.ts";
import { max, min, sum } from "./reduction.ts";
import { countNonzero, rootOrZero } from "./statistics.ts";
import { where } from "./where.ts";

/** Which norm: the power `p`, 0 (how many are not 0), `Infinity` or `-Infinity` (largest, smallest size), or "fro" (2). */
export type NormOrder = number | "fro";

/** `x^p` with gradient 0 where `x` is 0. */
const powerOrZero = (x: Tensor, p: number): Tensor => {
  const zero = x.equal(x.constant(0));
  return where(zero, x.constant(0), pow(where(zero, x.constant(1), x), p));
};

/**
 * The norm `(Σ |x|^p)^(1/p)` of the elements over `axes` taken as vectors (all of them by default); 2 is Euclid's, "fro" the same for
 * matrices. At 0 its gradient is 0. Integers give float32.
 *
 * @throws ArgumentError for an unknown order; ShapeError for an axis out of range, or without a result over an empty dimension.
 * @example norm(tensor([3, 4])) // 5
 * @example norm(tensor([[3, -4], [1, 0]]), Infinity, 1) // [4, 1]
 */
export const norm = (x: Tensor, order: NormOrder = 2, axes?: Axes, keepDims = false): Tensor => {
  const p = order === "fro" ? 2 : order;
  if (typeof p !== "number" || Number.isNaN(p)) {
    throw new ArgumentError("norm", `unknown order ${String(order)}`, 'use a number or "fro"');
  }
  const y = toFloat(x);
  if (p === 2) return rootOrZero(sum(square(y), axes, keepDims));
  if (p === 1) return sum(abs(y), axes, keepDims);
  if (p === Number.POSITIVE_INFINITY) return max(abs(y), axes, keepDims);
  if (p === Number.NEGATIVE_INFINITY) return min(abs(y), axes, keepDims);
  if (p === 0) return countNonzero(y, axes, keepDims).cast(y.dtype);
  const powers = p > 0 ? powerOrZero(abs(y), p) : pow(abs(y), p);
  const total = sum(powers, axes, keepDims);
  return p > 0 ? powerOrZero(total, 1 / p) : pow(total, 1 / p);
};
