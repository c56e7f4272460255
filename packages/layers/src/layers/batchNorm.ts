import type { Tensor, Variable } from "@gradloom/tensor";
import { formatShape, ShapeError, standardize } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import { affineParameters, inWideType, requireEpsilon, scaleAndShift } from "./affine.ts";
import { requireCount } from "./parameter.ts";
import type { RunningOptions, RunningStatistics } from "./runningStatistics.ts";
import { runningStatistics, track } from "./runningStatistics.ts";

/**
 * `y = (x - mean) / sqrt(variance + epsilon) * weight + bias` for each channel of x [batch, ..., channels], whatever the number of spatial
 * dimensions (Ioffe and Szegedy, 2015). In training, mean and variance are those of the batch, and the running ones follow them (the
 * variance with Bessel's correction); in evaluation the running ones are used. Weight starts as ones, bias as zeros.
 *
 * @throws ShapeError when the channels do not fit, or a batch has one value per channel only.
 * @example new BatchNorm(64).call(x)
 */
export class BatchNorm extends Module {
  static override readonly name: string = "BatchNorm";
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
    const { epsilon = 1e-5, momentum = 0.1, trackRunningStats = true } = options;
    requireCount("BatchNorm", "channels", channels);
    requireEpsilon("BatchNorm", epsilon);
    this.channels = channels;
    this.epsilon = epsilon;
    this.momentum = momentum;
    Object.assign(this, affineParameters([channels], options));
    if (trackRunningStats) Object.assign(this, runningStatistics("BatchNorm", channels, options));
  }

  forward(x: Tensor): Tensor {
    if (x.rank < 2 || x.shape.at(-1) !== this.channels) {
      throw new ShapeError(
        "BatchNorm",
        `takes [batch, ..., ${this.channels}], got ${formatShape(x.shape)}`,
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
    const count = x.size / this.channels;
    if (count <= 1) {
      throw new ShapeError(
        "BatchNorm",
        `needs several values per channel in training, got ${formatShape(x.shape)}`,
        "use a larger batch, or eval()",
      );
    }
    const axes = Array.from({ length: x.rank - 1 }, (_, d) => d);
    const { value, mean, variance } = standardize(x, axes, epsilon);
    if (this.training && runningMean !== undefined) {
      track(this as RunningStatistics, this.momentum, mean, variance.mul(count / (count - 1)));
    }
    return value;
  }
}
