import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import { withGradient } from "../graph/ruled.ts";
import type { Tensor } from "../tensor.ts";
import { gelu, silu } from "./activations.ts";
import { div, mul, neg, sub } from "./arithmetic.ts";
import { sigmoid } from "./exponential.ts";
import { exp, log } from "./mathematics.ts";
import { reshape, stridedSlice } from "./movement.ts";
import { toFloat } from "./operands.ts";
import { max, sum } from "./reduction.ts";
import { stopGradient } from "./stopGradient.ts";

/** `x` less its largest element along `axis`, which changes neither the result nor the gradient of what follows. */
const shifted = (op: string, x: Tensor, axis: number): Tensor => {
  const d = normalizeAxis(op, axis, x.rank);
  return x.size === 0 ? x : sub(x, stopGradient(max(x, d, true)));
};

const normalized = (op: string, x: Tensor, axis: number): Tensor => {
  const e = exp(shifted(op, x, axis));
  return withGradient(div(e, sum(e, axis, true)), [x], (g, y) => {
    const weighted = mul(g, y);
    return [sub(weighted, mul(y, sum(weighted, axis, true)))];
  });
};

/**
 * `e^x / Σ e^x` along `axis`: positive numbers that add up to 1. Integers give float32.
 *
 * @throws ShapeError for an axis out of range.
 * @example softmax(tensor([0, Math.log(3)])) // [0.25, 0.75]
 */
export const softmax = (x: Tensor, axis = -1): Tensor => normalized("softmax", toFloat(x), axis);

/** `softmax(-x)` along `axis`. */
export const softmin = (x: Tensor, axis = -1): Tensor => normalized("softmin", neg(toFloat(x)), axis);

/**
 * `log(softmax(x))` along `axis`, without the loss of small probabilities.
 *
 * @throws ShapeError for an axis out of range.
 * @example logSoftmax(tensor([0, 1000])) // [-1000, 0]
 */
export const logSoftmax = (x: Tensor, axis = -1): Tensor => {
  const y = toFloat(x);
  const z = shifted("logSoftmax", y, axis);
  const value = sub(z, log(sum(exp(z), axis, true)));
  return withGradient(value, [y], (g, p) => [sub(g, mul(exp(p), sum(g, axis, true)))]);
};

/** The two halves of `x` along `axis`. */
const halves = (op: string, x: Tensor, axis: number): [Tensor, Tensor] => {
  const y = toFloat(x);
  const d = normalizeAxis(op, axis, y.rank);
  const n = y.shape[d] as number;
  if (n % 2 !== 0) {
    throw new ShapeError(op, `axis ${axis} must have an even size, got ${formatShape(y.shape)}`);
  }
  const size = y.shape.map((m, i) => (i === d ? n / 2 : m));
  const start = (at: number) => y.shape.map((_, i) => (i === d ? at : 0));
  return [stridedSlice(y, start(0), size), stridedSlice(y, start(n / 2), size)];
};

/**
 * `a sigmoid(b)` for the halves a, b of `x` along `axis` (Dauphin et al., 2016).
 *
 * @throws ShapeError when the axis has an odd size.
 * @example glu(tensor([1, 0])) // [0.5]
 */
export const glu = (x: Tensor, axis = -1): Tensor => {
  const [a, b] = halves("glu", x, axis);
  return mul(a, sigmoid(b));
};

/** `a silu(b)` for the halves a, b of `x` along `axis` (Shazeer, 2020). */
export const swiglu = (x: Tensor, axis = -1): Tensor => {
  const [a, b] = halves("swiglu", x, axis);
  return mul(a, silu(b));
};

/** `a gelu(b)` for the halves a, b of `x` along `axis` (Shazeer, 2020). */
export const geglu = (x: Tensor, axis = -1): Tensor => {
  const [a, b] = halves("geglu", x, axis);
  return mul(a, gelu(b));
};

/**
 * The largest of each group of neighbours along `axis`, which leaves `units` of them (Goodfellow et al., 2013).
 *
 * @throws ShapeError when the axis cannot be divided into `units` groups.
 * @example maxout(tensor([1, 5, 2, 3]), 2) // [5, 3]
 */
export const maxout = (x: Tensor, units: number, axis = -1): Tensor => {
  const d = normalizeAxis("maxout", axis, x.rank);
  const n = x.shape[d] as number;
  if (!Number.isInteger(units) || units < 1) {
    throw new ArgumentError("maxout", `units is a whole number >= 1, got ${units}`);
  }
  if (n === 0 || n % units !== 0) {
    throw new ShapeError("maxout", `axis ${axis} of ${formatShape(x.shape)} cannot be divided into ${units} groups`);
  }
  return max(reshape(x, [...x.shape.slice(0, d), units, n / units, ...x.shape.slice(d + 1)]), d + 1);
};
