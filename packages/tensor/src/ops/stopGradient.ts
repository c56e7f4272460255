import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

export const stopGradientPrimitive = definePrimitive({
  name: "stopGradient",
  infer: (inputs) => inputs[0] as Tensor,
  lower: { kind: "view", apply: (view) => view },
  gradient: "zero",
});

/**
 * The same values, taken as constants by differentiation.
 *
 * @example mul(x, stopGradient(x)) // its gradient is x, not 2x
 */
export const stopGradient = (x: Tensor): Tensor => x.derive(stopGradientPrimitive, [x], undefined);
