import type { Tensor } from "@gradloom/tensor";
import { definePrimitive, withGradient } from "@gradloom/tensor";
import { backward } from "./walk.ts";

/** The value of input 0, computed again apart from equal values elsewhere. */
const again = definePrimitive<undefined>({
  name: "checkpoint",
  infer: (inputs) => inputs[0] as Tensor,
  lower: { kind: "view", apply: (view) => view },
  gradient: (_, g) => [g],
});

/**
 * A function with a gradient of your own: `fn` returns the value and the rule that maps the gradient of the value to those of the inputs
 * (undefined for none).
 *
 * @example
 * const straightThrough = customGradient((x) => ({ value: round(x), gradient: (g) => [g] }));
 */
export const customGradient =
  (
    fn: (...inputs: Tensor[]) => {
      readonly value: Tensor;
      readonly gradient: (g: Tensor) => readonly (Tensor | undefined)[];
    },
  ) =>
  (...inputs: Tensor[]): Tensor => {
    const { value, gradient } = fn(...inputs);
    return withGradient(value, inputs, gradient);
  };

/**
 * The same function, whose intermediate values are computed again in the backward pass instead of being stored (Chen et al., "Training deep
 * nets with sublinear memory cost", 2016). Everything that `fn` differentiates by must be among its arguments.
 *
 * @example const y = checkpoint(block)(x, w)
 */
export const checkpoint =
  (fn: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): Tensor => {
    const value = fn(...inputs);
    return withGradient(value, inputs, (g) => {
      const fresh = inputs.map((x) => x.derive(again, [x], undefined));
      return backward(fn(...fresh), fresh, g);
    });
  };
