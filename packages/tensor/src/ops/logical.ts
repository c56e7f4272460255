import type { Primitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { binary, unary } from "./elementwise.ts";
import type { TensorLike } from "./operands.ts";
import { unify } from "./operands.ts";

/** Logical on truth values, bitwise on integers. */
export const andPrimitive = binary("and", "and", "zero");
export const orPrimitive = binary("or", "or", "zero");
export const xorPrimitive = binary("xor", "xor", "zero");
export const notPrimitive = unary("not", "not", "zero");

const truth = (x: TensorLike): TensorLike => (typeof x === "object" ? x.cast("bool") : x !== 0 && x !== false);

/* @__NO_SIDE_EFFECTS__ */
const connective =
  (op: string, primitive: Primitive<undefined>) =>
  (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = unify(op, [truth(a), truth(b)]) as [Tensor, Tensor];
    return x.derive(primitive, [x, y], undefined);
  };

/**
 * True where both are: numbers other than 0 (NaN too) count as true. Elementwise with broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example logicalAnd(tensor([1, 0]), true) // [true, false]
 */
export const logicalAnd = connective("logicalAnd", andPrimitive);

/**
 * True where either is. As `logicalAnd`.
 *
 * @example logicalOr(tensor([1, 0]), false) // [true, false]
 */
export const logicalOr = connective("logicalOr", orPrimitive);

/**
 * True where exactly one is. As `logicalAnd`.
 *
 * @example logicalXor(tensor([1, 0]), true) // [false, true]
 */
export const logicalXor = connective("logicalXor", xorPrimitive);

/**
 * True where `x` is 0 or false.
 *
 * @example logicalNot(tensor([1, 0])) // [false, true]
 */
export const logicalNot = (x: Tensor): Tensor => {
  const truths = x.cast("bool");
  return truths.derive(notPrimitive, [truths], undefined);
};
