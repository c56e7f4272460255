import type { Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, formatShape, ShapeError, standardize } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import type { NormOptions } from "./affine.ts";
import { affineParameters, inWideType, requireEpsilon, scaleAndShift } from "./affine.ts";
import { requireCount } from "./parameter.ts";

/**
 * `y = (x - mean) / sqrt(variance + epsilon) * weight + bias` over the spatial dimensions and the channels of each group of
 * x [batch, ...spatial, channels] (Wu and He, 2018). Weight starts as ones, bias as zeros, one of each per channel.
 *
 * @throws ArgumentError when the groups do not divide the channels; ShapeError when the channels do not fit.
 * @example new GroupNorm(8, 64).call(x)
 */
export class GroupNorm extends Module {
  static override readonly name: string = "GroupNorm";
  readonly groups: number;
  readonly channels: number;
  readonly epsilon: number;
  readonly weight: Variable | undefined;
  readonly bias: Variable | undefined;

  constructor(groups: number, channels: number, options: NormOptions = {}) {
    super();
    const { epsilon = 1e-5 } = options;
    requireCount("GroupNorm", "groups", groups);
    requireCount("GroupNorm", "channels", channels);
    requireEpsilon("GroupNorm", epsilon);
    if (channels % groups !== 0) {
      throw new ArgumentError("GroupNorm", `groups divide the channels, got ${groups} for ${channels}`);
    }
    this.groups = groups;
    this.channels = channels;
    this.epsilon = epsilon;
    Object.assign(this, affineParameters([channels], options));
  }

  forward(x: Tensor): Tensor {
    if (x.rank < 2 || x.shape.at(-1) !== this.channels) {
      throw new ShapeError(
        "GroupNorm",
        `takes [batch, ..., ${this.channels}], got ${formatShape(x.shape)}`,
        "fix channels",
      );
    }
    const [batch] = x.shape as [number];
    const positions = x.size === 0 ? 0 : x.size / batch / this.channels;
    return inWideType(x, this, (wide) => {
      const grouped = wide.reshape([batch, positions, this.groups, this.channels / this.groups]);
      return scaleAndShift(standardize(grouped, [1, 3], this.epsilon).value.reshape(x.shape), this);
    });
  }
}
