import type { Tensor } from "@gradloom/tensor";
import { averagePool1d, formatShape, ShapeError } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import { requireCount } from "./parameter.ts";

export interface LocalResponseNormOptions {
  /** 1e-4 by default. */
  readonly alpha?: number;
  /** 0.75 by default. */
  readonly beta?: number;
  /** 1 by default. */
  readonly k?: number;
}

/**
 * `y = x / (k + alpha mean(x²))^beta` with the mean over `size` neighbouring channels of x [..., channels], channels that are not there
 * counting as 0 (Krizhevsky et al., 2012).
 *
 * @throws ArgumentError for a size below 1; ShapeError at rank 0.
 * @example new LocalResponseNorm(5).call(x)
 */
export class LocalResponseNorm extends Module {
  static override readonly name: string = "LocalResponseNorm";
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super();
    requireCount("LocalResponseNorm", "size", size);
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  forward(x: Tensor): Tensor {
    if (x.rank === 0) throw new ShapeError("LocalResponseNorm", `takes [..., channels], got ${formatShape(x.shape)}`);
    const channels = x.shape.at(-1) as number;
    const { size } = this;
    const squares = x.square().reshape([channels === 0 ? 0 : x.size / channels, channels, 1]);
    const near = averagePool1d(squares, size, {
      stride: 1,
      padding: [[Math.floor(size / 2), Math.floor((size - 1) / 2)]],
    });
    const scale = near.mul(this.alpha).add(this.k).pow(-this.beta);
    return x.mul(scale.reshape(x.shape));
  }
}
