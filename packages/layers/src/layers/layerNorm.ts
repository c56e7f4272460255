import type { Shape, Tensor, Variable } from "@gradloom/tensor";
import { formatShape, ShapeError, sameShape, standardize } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import type { NormOptions } from "./affine.ts";
import { affineParameters, inWideType, requireEpsilon, scaleAndShift } from "./affine.ts";
import { requireCount } from "./parameter.ts";

/** The trailing dimensions that a layer normalises, as a shape. */
export const trailing = (layer: string, shape: number | Shape): Shape => {
  const list = typeof shape === "number" ? [shape] : [...shape];
  if (list.length === 0) throw new ShapeError(layer, "normalises at least one dimension, got []");
  for (const n of list) requireCount(layer, "a size", n);
  return list;
};

/** The axes of x that have the trailing shape. */
export const trailingAxes = (layer: string, x: Tensor, shape: Shape): number[] => {
  const first = x.rank - shape.length;
  if (first < 0 || !sameShape(x.shape.slice(first), shape)) {
    throw new ShapeError(layer, `takes [..., ${shape.join(",")}], got ${formatShape(x.shape)}`, "fix the shape");
  }
  return shape.map((_, d) => first + d);
};

/**
 * `y = (x - mean) / sqrt(variance + epsilon) * weight + bias` over the last dimensions, which have the given shape (Ba et al., 2016).
 * Weight starts as ones, bias as zeros.
 *
 * @throws ShapeError when the last dimensions of x have another shape.
 * @example new LayerNorm(512).call(x)
 */
export class LayerNorm extends Module {
  static override readonly name: string = "LayerNorm";
  readonly shape: Shape;
  readonly epsilon: number;
  readonly weight: Variable | undefined;
  readonly bias: Variable | undefined;

  constructor(shape: number | Shape, options: NormOptions = {}) {
    super();
    const { epsilon = 1e-5 } = options;
    requireEpsilon("LayerNorm", epsilon);
    this.shape = trailing("LayerNorm", shape);
    this.epsilon = epsilon;
    Object.assign(this, affineParameters(this.shape, options));
  }

  forward(x: Tensor): Tensor {
    const axes = trailingAxes("LayerNorm", x, this.shape);
    return inWideType(x, this, (wide) => scaleAndShift(standardize(wide, axes, this.epsilon).value, this));
  }
}
