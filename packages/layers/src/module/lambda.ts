import type { Tensor } from "@gradloom/tensor";
import { Module } from "./module.ts";

/**
 * A plain function as a module.
 *
 * @example new Lambda((x) => x.mul(2))
 */
export class Lambda extends Module {
  static override readonly name: string = "Lambda";
  readonly fn: (x: Tensor) => Tensor;

  constructor(fn: (x: Tensor) => Tensor) {
    super();
    this.fn = fn;
  }

  forward(x: Tensor): Tensor {
    return this.fn(x);
  }
}
