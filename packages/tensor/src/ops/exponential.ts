import type { Primitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./arithmetic.ts";
import { isInfinite } from "./comparison.ts";
import { unary } from "./elementwise.ts";
import { formula, formula2 } from "./formula.ts";
import { log, pow } from "./mathematics.ts";
import type { TensorLike } from "./operands.ts";
import { toFloat, unify } from "./operands.ts";
import { where } from "./where.ts";

const input = ({ inputs }: Tensor): Tensor => inputs[0] as Tensor;

export const expm1Primitive = unary("expm1", "expm1", (node, g) => [g.mul(node.add(node.constant(1)))]);
export const log1pPrimitive = unary("log1p", "log1p", (node, g) => [g.div(input(node).add(node.constant(1)))]);

export const sigmoidPrimitive = formula(
  "sigmoid",
  (x) => x.constant(1).div(x.neg().exp().add(1)),
  (node, g) => [g.mul(node.mul(node.constant(1).sub(node)))],
);

export const softplusPrimitive = formula(
  "softplus",
  (x) => x.binary("max", 0).add(x.abs().neg().exp().log1p()),
  (node, g) => [g.mul(sigmoid(input(node)))],
);

export const logAddExpPrimitive = formula2(
  "logAddExp",
  (a, b) => {
    const larger = a.binary("max", b);
    return a.equal(b).select(a.add(Math.LN2), larger.add(a.sub(b).abs().neg().exp().log1p()));
  },
  ({ inputs: [a, b] }, g) => {
    const x = a as Tensor;
    const sameInfinity = isInfinite(x).logicalAnd(x.equal(b as Tensor));
    const difference = where(sameInfinity, x.constant(0), x.sub(b as Tensor));
    return [g.mul(sigmoid(difference)), g.mul(sigmoid(difference.neg()))];
  },
);

/* @__NO_SIDE_EFFECTS__ */
const real = (primitive: Primitive<undefined>) => (x: Tensor) => {
  const y = toFloat(x);
  return y.derive(primitive, [y], undefined);
};

/**
 * `e^x - 1`, accurate near 0. Integers give float32.
 *
 * @example expm1(tensor([1e-10])) // [1e-10]
 */
export const expm1: (x: Tensor) => Tensor = real(expm1Primitive);

/**
 * `log(1 + x)`, accurate near 0. Integers give float32.
 *
 * @example log1p(tensor([1e-10])) // [1e-10]
 */
export const log1p: (x: Tensor) => Tensor = real(log1pPrimitive);

/**
 * `2^x`. Integers give float32.
 *
 * @example exp2(tensor([3, -1])) // [8, 0.5]
 */
export const exp2 = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return pow(y.constant(2), y);
};

/**
 * Logarithm to base 2. Integers give float32.
 *
 * @example log2(tensor([8])) // [3]
 */
export const log2 = (x: Tensor): Tensor => {
  const y = log(x);
  return mul(y, y.constant(Math.LOG2E));
};

/**
 * Logarithm to base 10. Integers give float32.
 *
 * @example log10(tensor([1000])) // [3]
 */
export const log10 = (x: Tensor): Tensor => {
  const y = log(x);
  return mul(y, y.constant(Math.LOG10E));
};

/**
 * The logistic function `1 / (1 + e^-x)`. Integers give float32.
 *
 * @example sigmoid(tensor([0])) // [0.5]
 */
export const sigmoid: (x: Tensor) => Tensor = real(sigmoidPrimitive);

/**
 * `log(x / (1 - x))`, the inverse of `sigmoid`; with `epsilon`, `x` is first clamped to `[epsilon, 1 - epsilon]`. NaN outside
 * [0, 1].
 *
 * @example logit(tensor([0.5])) // [0]
 */
export const logit = (x: Tensor, epsilon?: number): Tensor => {
  let p = toFloat(x);
  if (epsilon !== undefined) {
    p = where(p.less(epsilon), epsilon, where(p.greater(1 - epsilon), 1 - epsilon, p));
  }
  return log(p).sub(log1p(p.neg()));
};

/**
 * `log(e^a + e^b)` without overflow, elementwise with broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example logAddExp(tensor([1000]), 1000) // [1000.693]
 */
export const logAddExp = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("logAddExp", [a, b]).map(toFloat) as [Tensor, Tensor];
  return x.derive(logAddExpPrimitive, [x, y], undefined);
};

/**
 * `log2(2^a + 2^b)` without overflow; as `logAddExp`.
 *
 * @example logAddExp2(tensor([3]), 3) // [4]
 */
export const logAddExp2 = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("logAddExp2", [a, b]).map(toFloat) as [Tensor, Tensor];
  const ln2 = x.constant(Math.LN2);
  return div(logAddExp(mul(x, ln2), mul(y, ln2)), ln2);
};

/**
 * `a log(b)`, elementwise with broadcasting; 0 where `a` is 0, unless `b` is NaN.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example xlogy(tensor([0, 2]), tensor([0, 1])) // [0, 0]
 */
export const xlogy = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("xlogy", [a, b]).map(toFloat) as [Tensor, Tensor];
  const nothing = x.equal(x.constant(0)).logicalAnd(y.isNaN().logicalNot());
  return mul(x, log(where(nothing, y.constant(1), y)));
};
