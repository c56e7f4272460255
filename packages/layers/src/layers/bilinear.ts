import type { Tensor, Variable } from "@gradloom/tensor";
import { formatShape, matmul, ShapeError, sameShape, uniform } from "@gradloom/tensor";
import type { Initializer } from "../initializers/initializer.ts";
import { Module } from "../module/module.ts";
import type { WeightOptions } from "./parameter.ts";
import { parameter, requireCount } from "./parameter.ts";

/**
 * `y_o = sum_{i, j} a_i W_{i, j, o} b_j + bias_o`: a is [..., inFeatures1], b [..., inFeatures2], W
 * [inFeatures1, inFeatures2, outFeatures]. W and the bias start as U(-k, k) with `k = 1 / sqrt(inFeatures1)`.
 *
 * @throws ShapeError when the inputs do not fit.
 * @example new Bilinear(4, 5, 2).call(a, b)
 */
export class Bilinear extends Module<[a: Tensor, b: Tensor]> {
  static override readonly name: string = "Bilinear";
  readonly inFeatures1: number;
  readonly inFeatures2: number;
  readonly outFeatures: number;
  readonly weight: Variable;
  readonly bias: Variable | undefined;

  constructor(inFeatures1: number, inFeatures2: number, outFeatures: number, options: WeightOptions = {}) {
    super();
    requireCount("Bilinear", "inFeatures1", inFeatures1);
    requireCount("Bilinear", "inFeatures2", inFeatures2);
    requireCount("Bilinear", "outFeatures", outFeatures);
    this.inFeatures1 = inFeatures1;
    this.inFeatures2 = inFeatures2;
    this.outFeatures = outFeatures;
    const bound = 1 / Math.sqrt(inFeatures1);
    const standard: Initializer = (shape, how) => uniform(shape, { ...how, low: -bound, high: bound });
    const shape = [inFeatures1, inFeatures2, outFeatures];
    this.weight = parameter("weight", options.weightInitializer ?? standard, shape, options);
    if (options.bias ?? true) {
      this.bias = parameter("bias", options.biasInitializer ?? standard, [outFeatures], options);
    }
  }

  forward(a: Tensor, b: Tensor): Tensor {
    const [n, m, out] = this.weight.shape as [number, number, number];
    const lead = a.shape.slice(0, -1);
    if (a.shape.at(-1) !== n || b.shape.at(-1) !== m || !sameShape(lead, b.shape.slice(0, -1))) {
      throw new ShapeError(
        "Bilinear",
        `takes [..., ${n}] and [..., ${m}] of one batch, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
        "fix the features or reshape the inputs",
      );
    }
    const rows = matmul(a, this.weight.value.reshape([n, m * out])).reshape([...lead, m, out]);
    const y = matmul(b.unsqueeze(-2), rows).reshape([...lead, out]);
    return this.bias === undefined ? y : y.add(this.bias.value);
  }
}
