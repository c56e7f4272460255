import { DTypeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { binary, unary } from "./elementwise.ts";
import type { TensorLike } from "./operands.ts";
import { requireType, toFloat, unify } from "./operands.ts";

export const addPrimitive = binary("add", "add", (_, g) => [g, g], "or");
export const subPrimitive = binary("sub", "sub", (_, g) => [g, g.neg()]);
export const mulPrimitive = binary(
  "mul",
  "mul",
  ({ inputs: [a, b] }, g) => [g.mul(b as Tensor), g.mul(a as Tensor)],
  "and",
);
export const divPrimitive = binary("div", "div", (node, g) => {
  const scaled = g.div(node.inputs[1] as Tensor);
  return [scaled, scaled.mul(node).neg()];
});
export const negPrimitive = unary("neg", "neg", (_, g) => [g.neg()]);

const numeric = (op: string, operands: Tensor[]): Tensor[] => {
  requireType(op, operands[0] as Tensor, (dtype) => dtype !== "bool", "numbers");
  return operands;
};

/**
 * Sum `a + b`, elementwise with broadcasting. Of truth values it is their logical or.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example add(tensor([1, 2]), 10) // [11, 12]
 */
export const add = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("add", [a, b]) as [Tensor, Tensor];
  return x.derive(addPrimitive, [x, y], undefined);
};

/**
 * Difference `a - b`, elementwise with broadcasting; not for truth values.
 *
 * @example sub(tensor([1, 2]), 1) // [0, 1]
 */
export const sub = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = numeric("sub", unify("sub", [a, b])) as [Tensor, Tensor];
  return x.derive(subPrimitive, [x, y], undefined);
};

/**
 * Product `a * b`, elementwise with broadcasting. Of truth values it is their logical and.
 *
 * @example mul(tensor([1, 2]), 3) // [3, 6]
 */
export const mul = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("mul", [a, b]) as [Tensor, Tensor];
  return x.derive(mulPrimitive, [x, y], undefined);
};

/**
 * Quotient `a / b`, elementwise with broadcasting; of integers it is a float32, as in PyTorch.
 *
 * @example div(tensor([1, 3]), 2) // [0.5, 1.5]
 */
export const div = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("div", [a, b]).map(toFloat) as [Tensor, Tensor];
  return x.derive(divPrimitive, [x, y], undefined);
};

/**
 * Negative `-x`, elementwise; not for truth values.
 *
 * @example neg(tensor([1, -2])) // [-1, 2]
 */
export const neg = (x: Tensor): Tensor => {
  if (x.dtype === "bool") throw new DTypeError("neg", "takes numbers, got bool", "use logicalNot(x)");
  return x.derive(negPrimitive, [x], undefined);
};
