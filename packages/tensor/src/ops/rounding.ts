import type { UnaryOp } from "@gradloom/backend";
import { isFloat } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { sub } from "./arithmetic.ts";
import { binary, unary } from "./elementwise.ts";
import type { Scalar } from "./formula.ts";
import { formula2 } from "./formula.ts";
import type { TensorLike } from "./operands.ts";
import { requireType, unify } from "./operands.ts";

export const floorPrimitive = unary("floor", "floor", "zero");
export const ceilPrimitive = unary("ceil", "ceil", "zero");
export const roundPrimitive = unary("round", "round", "zero");
export const truncPrimitive = unary("trunc", "trunc", "zero");

export const fmodPrimitive = binary("fmod", "rem", ({ inputs: [a, b] }, g) => [
  g,
  g.mul(truncDivide(a as Tensor, b as Tensor)).neg(),
]);

/** True where the remainder is not 0 and has another sign than the divisor: the quotient was cut off upwards. */
const isCutUpwards = (remainder: Scalar, divisor: Scalar): Scalar =>
  remainder.compare("ne", 0).binary("and", remainder.less(0).compare("ne", divisor.less(0)));

export const remainderPrimitive = formula2(
  "remainder",
  (a, b) => {
    const rest = a.binary("rem", b);
    return isCutUpwards(rest, b).select(rest.add(b), rest);
  },
  ({ inputs: [a, b] }, g) => [g, g.mul(floorDivide(a as Tensor, b as Tensor)).neg()],
);

const isReal = (x: Scalar): boolean => x.type === "float32" || x.type === "float64";

/** The quotient with its fraction cut off: `a - rest` is a multiple of `b`, so the division has no fraction to lose. */
const truncated = (a: Scalar, b: Scalar, rest: Scalar): Scalar =>
  isReal(a) ? b.equal(0).select(a.div(b), a.sub(rest).div(b).unary("round")) : a.div(b);

export const floorDividePrimitive = formula2(
  "floorDivide",
  (a, b) => {
    const rest = a.binary("rem", b);
    const quotient = truncated(a, b, rest);
    return isCutUpwards(rest, b).select(quotient.sub(1), quotient);
  },
  "zero",
);

export const truncDividePrimitive = formula2("truncDivide", (a, b) => truncated(a, b, a.binary("rem", b)), "zero");

/** Integers have no fraction: they stay as they are. */
const rounding =
  (name: UnaryOp, primitive: typeof floorPrimitive) =>
  (x: Tensor): Tensor => {
    requireType(name, x, (dtype) => dtype !== "bool", "numbers");
    return isFloat(x.dtype) ? x.derive(primitive, [x], undefined) : x;
  };

/**
 * The largest whole number not above `x`; its gradient is 0.
 *
 * @throws DTypeError for truth values.
 * @example floor(tensor([1.5, -1.5])) // [1, -2]
 */
export const floor = rounding("floor", floorPrimitive);

/**
 * The smallest whole number not below `x`; as `floor`.
 *
 * @example ceil(tensor([1.5, -1.5])) // [2, -1]
 */
export const ceil = rounding("ceil", ceilPrimitive);

/**
 * The nearest whole number, ties to even; as `floor`.
 *
 * @example round(tensor([0.5, 1.5, -2.6])) // [0, 2, -3]
 */
export const round = rounding("round", roundPrimitive);

/**
 * The whole part of `x`: the fraction is cut off towards 0; as `floor`.
 *
 * @example trunc(tensor([1.5, -1.5])) // [1, -1]
 */
export const trunc = rounding("trunc", truncPrimitive);

/**
 * The fraction `x - trunc(x)`, with the sign of `x`.
 *
 * @example frac(tensor([1.5, -1.5])) // [0.5, -0.5]
 */
export const frac = (x: Tensor): Tensor => sub(x, trunc(x));

const division =
  (op: string, primitive: typeof fmodPrimitive) =>
  (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = unify(op, [a, b]) as [Tensor, Tensor];
    requireType(op, x, (dtype) => dtype !== "bool", "numbers");
    return x.derive(primitive, [x, y], undefined);
  };

/**
 * The rest of `a / b` with the sign of `b`, as Python's `%`, elementwise with broadcasting; NaN (0 of integers) where `b` is 0.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for truth values.
 * @example remainder(tensor([-3, 3]), 2) // [1, 1]
 */
export const remainder = division("remainder", remainderPrimitive);

/**
 * The rest of `a / b` with the sign of `a`, as C's `fmod`; as `remainder`.
 *
 * @example fmod(tensor([-3, 3]), 2) // [-1, 1]
 */
export const fmod = division("fmod", fmodPrimitive);

/**
 * `floor(a / b)`, elementwise with broadcasting; its gradient is 0. Integers stay integers; of integers divided by 0 it is 0.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for truth values.
 * @example floorDivide(tensor([-3, 3]), 2) // [-2, 1]
 */
export const floorDivide = division("floorDivide", floorDividePrimitive);

/**
 * `trunc(a / b)`; as `floorDivide`.
 *
 * @example truncDivide(tensor([-3, 3]), 2) // [-1, 1]
 */
export const truncDivide = division("truncDivide", truncDividePrimitive);
