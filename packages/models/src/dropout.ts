import { Module } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { dropoutMask } from "@gradloom/tensor";

/** In training, each element is 0 with probability `rate` and divided by `1 - rate` otherwise (Srivastava et al., 2014). */
export class Dropout extends Module {
  readonly rate: number;

  constructor(rate: number) {
    super();
    this.rate = rate;
  }

  forward(x: Tensor): Tensor {
    if (!this.training || this.rate === 0) return x;
    return x.mul(dropoutMask(x.shape, this.rate, { device: x.device, dtype: x.dtype }));
  }
}
