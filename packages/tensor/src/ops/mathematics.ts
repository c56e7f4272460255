import { ArgumentError, isFloat, isInteger } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./arithmetic.ts";
import { binary, unary } from "./elementwise.ts";
import type { TensorLike } from "./operands.ts";
import { requireType, toFloat, unify } from "./operands.ts";
import { where } from "./where.ts";

const input = ({ inputs }: Tensor): Tensor => inputs[0] as Tensor;

export const absPrimitive = unary("abs", "abs", (node, g) => [g.mul(input(node).sign())]);
export const signPrimitive = unary("sign", "sign", "zero");
export const sqrtPrimitive = unary("sqrt", "sqrt", (node, g) => [g.div(node.mul(node.constant(2)))]);
export const expPrimitive = unary("exp", "exp", (node, g) => [g.mul(node)]);
export const logPrimitive = unary("log", "log", (node, g) => [g.div(input(node))]);
export const sinPrimitive = unary("sin", "sin", (node, g) => [g.mul(input(node).cos())]);
export const cosPrimitive = unary("cos", "cos", (node, g) => [g.mul(input(node).sin()).neg()]);
export const tanhPrimitive = unary("tanh", "tanh", (node, g) => [g.mul(node.constant(1).sub(node.square()))]);

/**
 * d/da a^b = b a^(b-1), 0 where b = 0; d/db a^b = a^b log a, 0 where a = 0 and b >= 0. Bases are replaced where the rule's own
 * factors would be infinite, so that higher derivatives meet no 0 * Infinity.
 */
export const powPrimitive = binary("pow", "pow", (node, g) => {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const one = a.constant(1);
  const atZero = a.equal(a.constant(0));
  const base = where(atZero.logicalAnd(b.equal(b.constant(0))), one, a);
  const logarithm = where(atZero.logicalAnd(b.greaterEqual(b.constant(0))), one, a).log();
  return [g.mul(b).mul(base.pow(b.sub(one))), g.mul(node).mul(logarithm)];
});

/** Where the operands are equal each takes half of the gradient; where one is NaN both take all of it. */
export const maximumPrimitive = binary(
  "maximum",
  "max",
  ({ inputs: [a, b] }, g) => [shareWhere(a as Tensor, b as Tensor, g), shareWhere(b as Tensor, a as Tensor, g)],
  "or",
);

export const minimumPrimitive = binary(
  "minimum",
  "min",
  ({ inputs: [a, b] }, g) => [
    shareWhere((a as Tensor).neg(), (b as Tensor).neg(), g),
    shareWhere((b as Tensor).neg(), (a as Tensor).neg(), g),
  ],
  "and",
);

/** The part of `g` that the operand `a` of max(a, b) takes. */
const shareWhere = (a: Tensor, b: Tensor, g: Tensor): Tensor =>
  where(a.less(b), g.constant(0), where(a.equal(b), g.mul(g.constant(0.5)), g));

/**
 * Absolute value `|x|`; the gradient at 0 is 0.
 *
 * @throws DTypeError for truth values.
 * @example abs(tensor([-1, 2])) // [1, 2]
 */
export const abs = (x: Tensor): Tensor => {
  requireType("abs", x, (dtype) => dtype !== "bool", "numbers");
  return x.derive(absPrimitive, [x], undefined);
};

/**
 * -1, 0 or 1 by the sign of `x`; NaN of NaN.
 *
 * @throws DTypeError for truth values.
 * @example sign(tensor([-3, 0, 2])) // [-1, 0, 1]
 */
export const sign = (x: Tensor): Tensor => {
  requireType("sign", x, (dtype) => dtype !== "bool", "numbers");
  return x.derive(signPrimitive, [x], undefined);
};

/**
 * `x * x`.
 *
 * @example square(tensor([2, 3])) // [4, 9]
 */
export const square = (x: Tensor): Tensor => mul(x, x);

/* @__NO_SIDE_EFFECTS__ */
const real = (primitive: typeof expPrimitive) => (x: Tensor) => {
  const y = toFloat(x);
  return y.derive(primitive, [y], undefined);
};

/**
 * Square root; NaN below 0, infinite gradient at 0. Integers give float32.
 *
 * @example sqrt(tensor([4, 9])) // [2, 3]
 */
export const sqrt: (x: Tensor) => Tensor = real(sqrtPrimitive);

/**
 * `1 / x`. Integers give float32.
 *
 * @example reciprocal(tensor([2, 4])) // [0.5, 0.25]
 */
export const reciprocal = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return div(y.constant(1), y);
};

/**
 * `e^x`. Integers give float32.
 *
 * @example exp(tensor([0, 1])) // [1, 2.718]
 */
export const exp: (x: Tensor) => Tensor = real(expPrimitive);

/**
 * Natural logarithm; -Infinity at 0, NaN below. Integers give float32.
 *
 * @example log(tensor([1, Math.E])) // [0, 1]
 */
export const log: (x: Tensor) => Tensor = real(logPrimitive);

/** Sine of `x` radians. Integers give float32. */
export const sin: (x: Tensor) => Tensor = real(sinPrimitive);

/** Cosine of `x` radians. Integers give float32. */
export const cos: (x: Tensor) => Tensor = real(cosPrimitive);

/**
 * Hyperbolic tangent, between -1 and 1. Integers give float32.
 *
 * @example tanh(tensor([0, 100])) // [0, 1]
 */
export const tanh: (x: Tensor) => Tensor = real(tanhPrimitive);

/** Powers that have a shorter way, as in PyTorch. */
const shortcuts: ReadonlyMap<number, (x: Tensor) => Tensor> = new Map<number, (x: Tensor) => Tensor>([
  [-2, (x) => reciprocal(square(x))],
  [-1, reciprocal],
  [-0.5, (x) => reciprocal(sqrt(x))],
  [0.5, sqrt],
  [1, (x) => x],
  [2, square],
  [3, (x) => mul(square(x), x)],
]);

/**
 * Power `a^b`, elementwise with broadcasting. Integers wrap, and a negative integer power is 0 except for bases 1 and -1. The
 * gradients at base 0 are PyTorch's: 0 for `b = 0`, 1 for `b = 1`, and 0 with respect to `b` for `b >= 0`.
 *
 * @throws ArgumentError for integers to a negative plain number; DTypeError for two truth values.
 * @example pow(tensor([2, 3]), 2) // [4, 9]
 */
export const pow = (a: TensorLike, b: TensorLike): Tensor => {
  if (typeof b === "number" && typeof a === "object") {
    if (b < 0 && Number.isInteger(b) && !isFloat(a.dtype)) {
      throw new ArgumentError("pow", `integers have no power ${b}, got ${a.dtype}`, 'use cast("float32") first');
    }
    const shortcut = isFloat(a.dtype) || isInteger(a.dtype) ? shortcuts.get(b) : undefined;
    if (shortcut !== undefined && (isFloat(a.dtype) || Number.isInteger(b))) return shortcut(a);
  }
  const [x, y] = unify("pow", [a, b]) as [Tensor, Tensor];
  requireType("pow", x, (dtype) => dtype !== "bool", "numbers");
  return x.derive(powPrimitive, [x, y], undefined);
};

/**
 * The larger of `a` and `b`, elementwise with broadcasting; NaN when either is. Equal operands share the gradient evenly.
 *
 * @example maximum(tensor([1, 5]), 3) // [3, 5]
 */
export const maximum = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("maximum", [a, b]) as [Tensor, Tensor];
  return x.derive(maximumPrimitive, [x, y], undefined);
};

/**
 * The smaller of `a` and `b`; as `maximum`.
 *
 * @example minimum(tensor([1, 5]), 3) // [1, 3]
 */
export const minimum = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("minimum", [a, b]) as [Tensor, Tensor];
  return x.derive(minimumPrimitive, [x, y], undefined);
};
