import type { Tensor, Variable } from "@gradloom/tensor";
import { formatShape, matmul, ShapeError } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import type { WeightOptions } from "./parameter.ts";
import { defaultBias, defaultWeight, parameter, requireCount } from "./parameter.ts";

/**
 * `y = x W + b` over the last dimension: x is [..., inFeatures], W [inFeatures, outFeatures] (as in Keras; PyTorch's is transposed),
 * y [..., outFeatures]. W and b start as U(-k, k) with `k = 1 / sqrt(inFeatures)`.
 *
 * @throws ShapeError when the last dimension has another size.
 * @example new Linear(784, 10).call(x)
 */
export class Linear extends Module {
  static override readonly name: string = "Linear";
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Variable;
  readonly bias: Variable | undefined;

  constructor(inFeatures: number, outFeatures: number, options: WeightOptions = {}) {
    super();
    requireCount("Linear", "inFeatures", inFeatures);
    requireCount("Linear", "outFeatures", outFeatures);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const shape = [inFeatures, outFeatures];
    this.weight = parameter("weight", options.weightInitializer ?? defaultWeight, shape, options);
    if (options.bias ?? true) {
      this.bias = parameter("bias", options.biasInitializer ?? defaultBias(shape), [outFeatures], options);
    }
  }

  forward(x: Tensor): Tensor {
    if (x.rank === 0 || x.shape.at(-1) !== this.inFeatures) {
      throw new ShapeError(
        "Linear",
        `takes [..., ${this.inFeatures}], got ${formatShape(x.shape)}`,
        "fix inFeatures or reshape the input",
      );
    }
    const y = matmul(x, this.weight.value);
    return this.bias === undefined ? y : y.add(this.bias.value);
  }
}
