import { broadcastShapes } from "@gradloom/backend";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import type { TensorLike } from "./operands.ts";
import { expandTo, someTensor, unify } from "./operands.ts";

export const wherePrimitive = definePrimitive({
  name: "where",
  infer: (inputs) => inputs[1] as Tensor,
  lower: { kind: "map", expression: (e, [c, a, b]) => e.select(c as number, a as number, b as number) },
  gradient: ({ inputs: [condition] }, g) => {
    const c = condition as Tensor;
    const zero = g.constant(0);
    return [undefined, where(c, g, zero), where(c, zero, g)];
  },
});

/** Tensors of one type: two plain numbers are float32, two plain truth values bool. */
const branches = (condition: Tensor, a: TensorLike, b: TensorLike): Tensor[] => {
  if (typeof a === "object" || typeof b === "object") return unify("where", [a, b]);
  const dtype = typeof a === "boolean" && typeof b === "boolean" ? "bool" : "float32";
  return [condition.scalar(Number(a), dtype), condition.scalar(Number(b), dtype)];
};

/**
 * `condition ? a : b`, elementwise with broadcasting; a condition that is not bool counts as true where it is not 0. Of the branch
 * that is not taken nothing arrives, neither its NaN in the value nor in the gradient.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example where(greater(x, 0), x, 0)
 */
export const where = (condition: TensorLike, a: TensorLike, b: TensorLike): Tensor => {
  const some = someTensor("where", [condition, a, b]);
  const truth =
    typeof condition === "object" ? condition.cast("bool") : some.scalar(Number(Boolean(condition)), "bool");
  const [x, y] = branches(truth, a, b) as [Tensor, Tensor];
  const shape = broadcastShapes("where", truth.shape, broadcastShapes("where", x.shape, y.shape));
  return x.derive(wherePrimitive, [expandTo(truth, shape), expandTo(x, shape), expandTo(y, shape)], undefined);
};
