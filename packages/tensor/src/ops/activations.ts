import { ArgumentError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { clamp } from "./clamp.ts";
import { erf } from "./errorFunction.ts";
import { expm1, sigmoid, softplusPrimitive } from "./exponential.ts";
import { formula } from "./formula.ts";
import { abs, sign, square, tanh } from "./mathematics.ts";
import type { TensorLike } from "./operands.ts";
import { toFloat } from "./operands.ts";
import { where } from "./where.ts";

/** Differentiated by its result, so that training stores one value. */
export const reluPrimitive = formula(
  "relu",
  (x) => x.binary("max", 0),
  (node, g) => [where(node.greater(node.constant(0)), g, g.constant(0))],
);

/** `x` where it is not positive, 0 elsewhere: what exponentials see, so that they never overflow behind a `where`. */
const nonPositive = (x: Tensor): Tensor => where(x.greater(x.constant(0)), x.constant(0), x);

/**
 * `max(x, 0)`; the gradient at 0 is 0. NaN stays NaN.
 *
 * @example relu(tensor([-1, 2])) // [0, 2]
 */
export const relu = (x: Tensor): Tensor => {
  const y = x.dtype === "bool" ? toFloat(x) : x;
  return y.derive(reluPrimitive, [y], undefined);
};

/**
 * `min(max(x, 0), 6)`; the gradient is 0 at both bounds.
 *
 * @example relu6(tensor([-1, 2, 8])) // [0, 2, 6]
 */
export const relu6 = (x: Tensor): Tensor => hardTanh(x, 0, 6);

/**
 * `x` where `x > 0`, else `slope * x`.
 *
 * @example leakyRelu(tensor([-1, 2])) // [-0.01, 2]
 */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => prelu(x, slope);

/**
 * `x` where `x > 0`, else `slope * x`, with learned slopes that broadcast: one number, or one per channel (the last dimension).
 *
 * @throws ShapeError when the slopes do not broadcast.
 * @example prelu(x, slopes.value)
 */
export const prelu = (x: Tensor, slope: TensorLike): Tensor => {
  const y = toFloat(x);
  return where(y.greater(y.constant(0)), y, mul(y, slope));
};

/**
 * `x` where `x > 0`, else `alpha (e^x - 1)` (Clevert et al., 2015).
 *
 * @example elu(tensor([-1, 2])) // [-0.632, 2]
 */
export const elu = (x: Tensor, alpha = 1): Tensor => {
  const y = toFloat(x);
  return where(y.greater(y.constant(0)), y, mul(expm1(nonPositive(y)), alpha));
};

/**
 * `scale * elu(x, alpha)` with the constants that keep mean 0 and variance 1 (Klambauer et al., 2017).
 *
 * @example selu(tensor([-1, 2])) // [-1.111, 2.101]
 */
export const selu = (x: Tensor): Tensor => {
  const y = toFloat(x);
  const scale = y.constant(1.0507009873554805);
  const scaledAlpha = y.constant(1.0507009873554805 * 1.6732632423543772);
  return where(y.greater(y.constant(0)), mul(y, scale), mul(expm1(nonPositive(y)), scaledAlpha));
};

/**
 * `x` where `x > 0`, else `alpha (e^(x / alpha) - 1)` (Barron, 2017).
 *
 * @throws ArgumentError when alpha is 0.
 * @example celu(tensor([-1, 2]), 0.5) // [-0.432, 2]
 */
export const celu = (x: Tensor, alpha = 1): Tensor => {
  if (alpha === 0) throw new ArgumentError("celu", "alpha must not be 0");
  const y = toFloat(x);
  return where(y.greater(y.constant(0)), y, mul(expm1(nonPositive(div(y, alpha))), alpha));
};

/**
 * `x Φ(x)` with the normal distribution function Φ (Hendrycks and Gimpel, 2016); "tanh" approximates it by
 * `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³)))`.
 *
 * @throws ArgumentError for an unknown approximation.
 * @example gelu(tensor([-1, 2])) // [-0.159, 1.954]
 */
export const gelu = (x: Tensor, { approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Tensor => {
  if (approximate !== "none" && approximate !== "tanh") {
    throw new ArgumentError("gelu", `unknown approximation "${String(approximate)}"`, 'use "none" or "tanh"');
  }
  const y = toFloat(x);
  const one = y.constant(1);
  const half = mul(y, y.constant(0.5));
  if (approximate === "none") return mul(half, add(erf(mul(y, y.constant(Math.SQRT1_2))), one));
  const cubic = add(mul(mul(square(y), y), y.constant(0.044715)), y);
  return mul(half, add(tanh(mul(cubic, y.constant(Math.sqrt(2 / Math.PI)))), one));
};

/**
 * `x sigmoid(x)`, also called swish.
 *
 * @example silu(tensor([-1, 2])) // [-0.269, 1.762]
 */
export const silu = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return mul(y, sigmoid(y));
};

/** `x sigmoid(beta x)`; with `beta = 1` the same as `silu`. */
export const swish = (x: Tensor, beta: TensorLike = 1): Tensor => {
  const y = toFloat(x);
  return beta === 1 ? silu(y) : mul(y, sigmoid(mul(y, beta)));
};

/**
 * `log(1 + e^x)` without overflow, with a slope of `beta`: `log(1 + e^(beta x)) / beta`, and `x` where `beta x > threshold`.
 *
 * @throws ArgumentError when beta is not above 0.
 * @example softplus(tensor([0])) // [0.693]
 */
export const softplus = (x: Tensor, beta = 1, threshold = 20): Tensor => {
  if (!(beta > 0)) throw new ArgumentError("softplus", `beta is a number above 0, got ${beta}`);
  const y = toFloat(x);
  const scaled = beta === 1 ? y : mul(y, beta);
  const smooth = scaled.derive(softplusPrimitive, [scaled], undefined);
  return where(scaled.greater(threshold), y, beta === 1 ? smooth : div(smooth, beta));
};

/**
 * `log(sigmoid(x))`, without overflow.
 *
 * @example logSigmoid(tensor([-1000])) // [-1000]
 */
export const logSigmoid = (x: Tensor): Tensor => {
  const y = neg(toFloat(x));
  return neg(y.derive(softplusPrimitive, [y], undefined));
};

/**
 * `x tanh(softplus(x))` (Misra, 2019).
 *
 * @example mish(tensor([1])) // [0.865]
 */
export const mish = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return mul(y, tanh(softplus(y)));
};

/**
 * `x` cut off to [low, high]; the gradient is 0 at the bounds.
 *
 * @throws ArgumentError when the bounds are in the wrong order.
 * @example hardTanh(tensor([-3, 0.5])) // [-1, 0.5]
 */
export const hardTanh = (x: Tensor, low = -1, high = 1): Tensor => {
  if (!(low <= high)) throw new ArgumentError("hardTanh", `the lower bound is above the upper, got ${low} and ${high}`);
  const y = toFloat(x);
  return where(y.lessEqual(low), low, where(y.greaterEqual(high), high, y));
};

/**
 * `min(max(x + 3, 0), 6) / 6`, a sigmoid of straight lines; the gradient is 0 at the bounds.
 *
 * @example hardSigmoid(tensor([-3, 0, 3])) // [0, 0.5, 1]
 */
export const hardSigmoid = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return div(relu6(add(y, y.constant(3))), y.constant(6));
};

/**
 * `x hardSigmoid(x)` (Howard et al., 2019).
 *
 * @example hardSwish(tensor([-3, 1, 3])) // [0, 0.667, 3]
 */
export const hardSwish = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return div(mul(y, clamp(add(y, y.constant(3)), 0, 6)), y.constant(6));
};

/**
 * `x / (1 + |x|)`.
 *
 * @example softsign(tensor([-1, 3])) // [-0.5, 0.75]
 */
export const softsign = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return div(y, add(abs(y), y.constant(1)));
};

/** `x - tanh(x)`. */
export const tanhshrink = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return sub(y, tanh(y));
};

/**
 * `x` where `|x| > lambda`, else 0.
 *
 * @example hardshrink(tensor([-1, 0.2])) // [-1, 0]
 */
export const hardshrink = (x: Tensor, lambda = 0.5): Tensor => {
  const y = toFloat(x);
  return where(abs(y).lessEqual(lambda), 0, y);
};

/**
 * `x` moved towards 0 by `lambda`, 0 where `|x| <= lambda`.
 *
 * @throws ArgumentError when lambda is below 0.
 * @example softshrink(tensor([-1, 0.2])) // [-0.5, 0]
 */
export const softshrink = (x: Tensor, lambda = 0.5): Tensor => {
  if (!(lambda >= 0)) throw new ArgumentError("softshrink", `lambda is a number >= 0, got ${lambda}`);
  const y = toFloat(x);
  return where(abs(y).lessEqual(lambda), 0, sub(y, mul(sign(y), lambda)));
};

/**
 * `x` where it is above `limit`, else `value`.
 *
 * @example threshold(tensor([-1, 2]), 0, 5) // [5, 2]
 */
export const threshold = (x: Tensor, limit: number, value: number): Tensor => where(x.lessEqual(limit), value, x);
