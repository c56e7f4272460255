import type { Shape, Tensor, Variable } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import type { NormOptions } from "./affine.ts";
import { affineParameters, inWideType, requireEpsilon, scaleAndShift } from "./affine.ts";
import { trailing, trailingAxes } from "./layerNorm.ts";

/**
 * `y = x / sqrt(mean(x²) + epsilon) * weight` over the last dimensions, which have the given shape (Zhang and Sennrich, 2019). As in
 * PyTorch epsilon is, when left out, the distance from 1 to the next number of the element type. Weight starts as ones.
 *
 * @throws ShapeError when the last dimensions of x have another shape.
 * @example new RMSNorm(512, { epsilon: 1e-6 }).call(x)
 */
export class RMSNorm extends Module {
  static override readonly name: string = "RMSNorm";
  readonly shape: Shape;
  readonly epsilon: number | undefined;
  readonly weight: Variable | undefined;

  constructor(shape: number | Shape, options: Omit<NormOptions, "bias"> = {}) {
    super();
    const { epsilon } = options;
    if (epsilon !== undefined) requireEpsilon("RMSNorm", epsilon);
    this.shape = trailing("RMSNorm", shape);
    this.epsilon = epsilon;
    this.weight = affineParameters(this.shape, { ...options, bias: false }).weight;
  }

  forward(x: Tensor): Tensor {
    const axes = trailingAxes("RMSNorm", x, this.shape);
    const affine = { weight: this.weight, bias: undefined };
    return inWideType(x, affine, (wide) => {
      const epsilon = this.epsilon ?? (wide.dtype === "float64" ? 2 ** -52 : 2 ** -23);
      const scale = wide.square().mean(axes, true).add(wide.constant(epsilon)).sqrt().reciprocal();
      return scaleAndShift(wide.mul(scale), affine);
    });
  }
}
