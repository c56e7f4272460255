import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, leakyRelu, prelu, uniform } from "@gradloom/tensor";
import { Module } from "../module/module.ts";

/**
 * `x` where `x > 0`, else `a x` with a random slope a for each element, uniform in [lower, upper), in training, and its mean in
 * evaluation (Xu et al., 2015).
 *
 * @throws ArgumentError unless `lower <= upper`.
 * @example new RReLU().call(x)
 */
export class RReLU extends Module {
  static override readonly name: string = "RReLU";
  readonly lower: number;
  readonly upper: number;

  constructor(lower = 1 / 8, upper = 1 / 3) {
    super();
    if (!(lower <= upper)) throw new ArgumentError("RReLU", `needs lower <= upper, got ${lower} and ${upper}`);
    this.lower = lower;
    this.upper = upper;
  }

  forward(x: Tensor): Tensor {
    const { lower, upper } = this;
    if (!this.training || lower === upper) return leakyRelu(x, (lower + upper) / 2);
    return prelu(x, uniform(x.shape, { low: lower, high: upper, device: x.device }).cast(x.dtype));
  }
}
