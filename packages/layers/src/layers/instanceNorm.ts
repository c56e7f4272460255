import type { Tensor, Variable } from "@gradloom/tensor";
import { formatShape, ShapeError, standardize } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import { affineParameters, inWideType, requireEpsilon, scaleAndShift } from "./affine.ts";
import { requireCount } from "./parameter.ts";
import type { RunningOptions, RunningStatistics } from "./runningStatistics.ts";
import { runningStatistics, track } from "./runningStatistics.ts";

/**
 * `y = (x - mean) / sqrt(variance + epsilon)` for each channel of each element of the batch of x [batch, ...spatial, channels], over the
 * spatial dimensions (Ulyanov et al., 2016). As in PyTorch there are neither parameters (`affine`) nor running statistics
 * (`trackRunningStats`) unless asked for.
 *
 * @throws ShapeError when the channels do not fit, or there is one spatial element only.
 * @example new InstanceNorm(64, { affine: true }).call(x)
 */
export class InstanceNorm extends Module {
  static override readonly name: string = "InstanceNorm";
  readonly channels: number;
  readonly epsilon: number;
  readonly momentum: number | null;
  readonly weight: Variable | undefined;
  readonly bias: Variable | undefined;
  readonly runningMean: Variable | undefined;
  readonly runningVar: Variable | undefined;
  readonly batchesTracked: Variable | undefined;

  constructor(channels: number, options: RunningOptions = {}) {
    super();
    const { epsilon = 1e-5, momentum = 0.1, trackRunningStats = false } = options;
    requireCount("InstanceNorm", "channels", channels);
    requireEpsilon("InstanceNorm", epsilon);
    this.channels = channels;
    this.epsilon = epsilon;
    this.momentum = momentum;
    Object.assign(this, affineParameters([channels], options, false));
    if (trackRunningStats) Object.assign(this, runningStatistics("InstanceNorm", channels, options));
  }

  forward(x: Tensor): Tensor {
    if (x.rank < 3 || x.shape.at(-1) !== this.channels) {
      throw new ShapeError(
        "InstanceNorm",
        `takes [batch, ...spatial, ${this.channels}], got ${formatShape(x.shape)}`,
        "fix channels",
      );
    }
    return inWideType(x, this, (wide) => scaleAndShift(this.#normalized(wide), this));
  }

  #normalized(x: Tensor): Tensor {
    const { runningMean, runningVar, epsilon } = this;
    if (!this.training && runningMean !== undefined && runningVar !== undefined) {
      const scale = runningVar.value.add(x.constant(epsilon)).sqrt().reciprocal();
      return x.sub(runningMean.value).mul(scale);
    }
    const axes = Array.from({ length: x.rank - 2 }, (_, d) => d + 1);
    const count = axes.reduce((n, d) => n * (x.shape[d] as number), 1);
    if (count <= 1) {
      throw new ShapeError("InstanceNorm", `needs several spatial elements, got ${formatShape(x.shape)}`);
    }
    const { value, mean, variance } = standardize(x, axes, epsilon);
    if (this.training && runningMean !== undefined) {
      const unbiased = variance.mul(count / (count - 1));
      track(this as RunningStatistics, this.momentum, mean.mean(0), unbiased.mean(0));
    }
    return value;
  }
}
