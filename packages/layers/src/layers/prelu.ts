import type { CreateOptions, Tensor, Variable } from "@gradloom/tensor";
import { full, prelu } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import { parameter, requireCount } from "./parameter.ts";

export interface PReLUOptions extends CreateOptions {
  /** The first slope, 0.25 by default. */
  readonly slope?: number;
}

/**
 * `x` where `x > 0`, else `weight * x`, with one learned slope or one per channel of the last dimension (He et al., 2015).
 *
 * @throws ShapeError when the channels do not fit.
 * @example new PReLU(16).call(x)
 */
export class PReLU extends Module {
  static override readonly name: string = "PReLU";
  readonly channels: number;
  readonly weight: Variable;

  constructor(channels = 1, options: PReLUOptions = {}) {
    super();
    requireCount("PReLU", "channels", channels);
    this.channels = channels;
    const { slope = 0.25 } = options;
    this.weight = parameter("weight", (shape, how) => full(shape, slope, how), [channels], options);
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight.value);
  }
}
