import { ArgumentError, isFloat } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { isNegativeInfinite, isPositiveInfinite } from "./comparison.ts";
import { formula2 } from "./formula.ts";
import type { TensorLike } from "./operands.ts";
import { requireType, toFloat, unify } from "./operands.ts";
import { where } from "./where.ts";

/** The sign bit of `b` decides, so -0 counts as negative. */
export const copysignPrimitive = formula2(
  "copysign",
  (a, b) => {
    const size = a.abs();
    const negative = b.less(0).binary("or", b.equal(0).binary("and", b.constant(1).div(b).less(0)));
    return negative.select(size.neg(), size);
  },
  (node, g) => [g.mul((node.inputs[0] as Tensor).sign().mul(node.sign())), undefined],
);

/**
 * `x` where it lies between the bounds, else the nearest bound; bounds are numbers or tensors and either may be left out. The
 * gradient passes at the bounds themselves. If `low > high`, the result is `high`.
 *
 * @throws ArgumentError without any bound; ShapeError when the shapes do not broadcast.
 * @example clamp(tensor([-2, 0.5, 2]), 0, 1) // [0, 0.5, 1]
 */
export const clamp = (x: Tensor, low?: TensorLike, high?: TensorLike): Tensor => {
  if (low === undefined && high === undefined) throw new ArgumentError("clamp", "needs a lower or an upper bound");
  let y = x;
  if (low !== undefined) {
    const [value, bound] = unify("clamp", [y, low]) as [Tensor, Tensor];
    y = where(value.less(bound), bound, value);
  }
  if (high !== undefined) {
    const [value, bound] = unify("clamp", [y, high]) as [Tensor, Tensor];
    y = where(value.greater(bound), bound, value);
  }
  return y;
};

const largest = { float32: (2 - 2 ** -23) * 2 ** 127, float16: 65504, bfloat16: (2 - 2 ** -7) * 2 ** 127 };

/**
 * Replaces NaN by `nan` and infinities by `positive` and `negative` (by default the largest and lowest number of the element type).
 *
 * @example nanToNum(tensor([NaN, 1]), { nan: -1 }) // [-1, 1]
 */
export const nanToNum = (
  x: Tensor,
  { nan = 0, positive, negative }: { nan?: number; positive?: number; negative?: number } = {},
): Tensor => {
  if (!isFloat(x.dtype)) return x;
  const most = x.dtype === "float64" ? Number.MAX_VALUE : largest[x.dtype as keyof typeof largest];
  const below = where(isNegativeInfinite(x), negative ?? -most, x);
  const finite = where(isPositiveInfinite(x), positive ?? most, below);
  return where(x.isNaN(), nan, finite);
};

/**
 * `a + w (b - a)`, elementwise with broadcasting: `a` at `w = 0` and exactly `b` at `w = 1`. Integers give float32.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example lerp(tensor([0]), tensor([10]), 0.3) // [3]
 */
export const lerp = (a: TensorLike, b: TensorLike, w: TensorLike): Tensor => {
  const [x, y, t] = unify("lerp", [a, b, w]).map(toFloat) as [Tensor, Tensor, Tensor];
  const step = sub(y, x);
  const one = t.constant(1);
  return where(t.less(t.constant(0.5)), add(x, mul(t, step)), sub(y, mul(sub(one, t), step)));
};

/**
 * The size of `a` with the sign of `b` (-0 is negative), elementwise with broadcasting. Integers give float32.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example copysign(tensor([1, 2]), -0) // [-1, -2]
 */
export const copysign = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("copysign", [a, b]).map(toFloat) as [Tensor, Tensor];
  return x.derive(copysignPrimitive, [x, y], undefined);
};

/**
 * The step function: 0 where `x < 0`, 1 where `x > 0`, `atZero` where `x = 0`; elementwise with broadcasting.
 *
 * @throws DTypeError for truth values; ShapeError when the shapes do not broadcast.
 * @example heaviside(tensor([-1, 0, 1]), 0.5) // [0, 0.5, 1]
 */
export const heaviside = (x: Tensor, atZero: TensorLike): Tensor => {
  const [y, middle] = unify("heaviside", [x, atZero]) as [Tensor, Tensor];
  requireType("heaviside", y, (dtype) => dtype !== "bool", "numbers");
  const zero = y.constant(0);
  const step = where(y.less(zero), zero, where(y.greater(zero), y.constant(1), y));
  return where(y.equal(zero), middle, step);
};
