import { isInteger } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { binary } from "./elementwise.ts";
import { andPrimitive, notPrimitive, orPrimitive, xorPrimitive } from "./logical.ts";
import type { TensorLike } from "./operands.ts";
import { requireType, unify } from "./operands.ts";

export const shiftLeftPrimitive = binary("shiftLeft", "shl", "zero");
export const shiftRightPrimitive = binary("shiftRight", "shr", "zero");

/* @__NO_SIDE_EFFECTS__ */
const operation =
  (op: string, primitive: Primitive<undefined>, withBool: boolean) =>
  (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = unify(op, [a, b]) as [Tensor, Tensor];
    const accepts = withBool ? "integers or truth values" : "integers";
    requireType(op, x, (dtype) => isInteger(dtype) || (withBool && dtype === "bool"), accepts);
    return x.derive(primitive, [x, y], undefined);
  };

/**
 * Bits that both integers have, elementwise with broadcasting; of truth values their logical and.
 *
 * @throws DTypeError for floats; ShapeError when the shapes do not broadcast.
 * @example bitwiseAnd(tensor([6], { dtype: "int32" }), 3) // [2]
 */
export const bitwiseAnd = operation("bitwiseAnd", andPrimitive, true);

/**
 * Bits that either integer has; as `bitwiseAnd`.
 *
 * @example bitwiseOr(tensor([6], { dtype: "int32" }), 3) // [7]
 */
export const bitwiseOr = operation("bitwiseOr", orPrimitive, true);

/**
 * Bits that exactly one of the integers has; as `bitwiseAnd`.
 *
 * @example bitwiseXor(tensor([6], { dtype: "int32" }), 3) // [5]
 */
export const bitwiseXor = operation("bitwiseXor", xorPrimitive, true);

/**
 * All bits flipped; of truth values the logical not.
 *
 * @throws DTypeError for floats.
 * @example bitwiseNot(tensor([0], { dtype: "int32" })) // [-1]
 */
export const bitwiseNot = (x: Tensor): Tensor => {
  requireType("bitwiseNot", x, (dtype) => isInteger(dtype) || dtype === "bool", "integers or truth values");
  return x.derive(notPrimitive, [x], undefined);
};

/**
 * `a * 2^b`, wrapping, elementwise with broadcasting; a count outside 0 to 31 shifts all bits out.
 *
 * @throws DTypeError for floats and truth values; ShapeError when the shapes do not broadcast.
 * @example shiftLeft(tensor([3], { dtype: "int32" }), 2) // [12]
 */
export const shiftLeft = operation("shiftLeft", shiftLeftPrimitive, false);

/**
 * `floor(a / 2^b)`: signed integers keep their sign; as `shiftLeft`.
 *
 * @example shiftRight(tensor([-8], { dtype: "int32" }), 1) // [-4]
 */
export const shiftRight = operation("shiftRight", shiftRightPrimitive, false);
