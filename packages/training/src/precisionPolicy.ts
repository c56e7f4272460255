import type { Tensor, Variable } from "@gradloom/tensor";
import type { Model } from "./mode.ts";

/**
 * How a step computes where it does not compute plainly: the hook for mixed precision. Parameters and the optimizer's state keep their types.
 *
 * @example
 * // Computes what depends on the inputs in half precision, and keeps small gradients from vanishing.
 * const policy: PrecisionPolicy = {
 *   forward: (model, inputs) => model.call(...inputs.map((x) => x.cast("float16"))).cast("float32"),
 *   gradients: (loss, parameters) => gradients(loss.mul(1024), parameters).map((g) => g.div(1024)),
 * };
 */
export interface PrecisionPolicy {
  /** The model's output for inputs; `model.call(...inputs)` by default. */
  readonly forward?: (model: Model, inputs: readonly Tensor[]) => Tensor;
  /** The gradients of the loss, one per parameter; `gradients(loss, parameters)` by default. */
  readonly gradients?: (loss: Tensor, parameters: readonly Variable[]) => readonly Tensor[];
}
