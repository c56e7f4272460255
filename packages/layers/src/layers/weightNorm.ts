import type { DType, Shape, Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, norm, Variable } from "@gradloom/tensor";
import type { AnyModule } from "../module/module.ts";
import { Reparametrization, reparametrize } from "./reparametrize.ts";

export interface WeightNormOptions {
  /** "weight" by default. */
  readonly parameter?: string;
  /** The axis along which every slice has a length of its own: the outputs (the last axis) by default; null for one length in all. */
  readonly axis?: number | null;
}

/** `w = magnitude * direction / |direction|`. */
export class WeightNorm extends Reparametrization {
  static override readonly name: string = "WeightNorm";
  readonly shape: Shape;
  readonly dtype: DType;
  readonly axes: readonly number[];
  readonly magnitude: Variable;
  readonly direction: Variable;

  constructor(weight: Variable, axis: number | null) {
    super();
    const { rank } = weight.value;
    const kept = axis !== null && axis < 0 ? axis + rank : axis;
    if (kept !== null && !(Number.isInteger(kept) && kept >= 0 && kept < rank)) {
      throw new ArgumentError("weightNorm", `axis ${axis} is out of range for ${formatShape(weight.shape)}`);
    }
    this.shape = weight.shape;
    this.dtype = weight.dtype;
    this.axes = weight.shape.map((_, d) => d).filter((d) => d !== kept);
    this.magnitude = new Variable(norm(weight.value, 2, this.axes, true), { name: "magnitude" });
    this.direction = weight;
  }

  forward(): Tensor {
    const direction = this.direction.value;
    const length = norm(direction, 2, this.axes, true);
    return direction.mul(this.magnitude.value.div(length));
  }
}

/**
 * Splits a layer's weight into length and direction, trained apart (Salimans and Kingma, 2016). The layer, which is changed and given
 * back, then has the parameters "weight.magnitude" and "weight.direction" instead of "weight".
 *
 * @throws ArgumentError when the layer has no such parameter.
 * @example const layer = weightNorm(new Linear(64, 64))
 */
export const weightNorm = <M extends AnyModule>(module: M, options: WeightNormOptions = {}): M => {
  const { parameter = "weight", axis = -1 } = options;
  return reparametrize("weightNorm", module, parameter, (weight) => new WeightNorm(weight, axis));
};
