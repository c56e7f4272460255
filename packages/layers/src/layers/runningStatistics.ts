import type { Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, ones, zeros } from "@gradloom/tensor";
import type { NormOptions } from "./affine.ts";
import { parameter } from "./parameter.ts";

export interface RunningOptions extends NormOptions {
  /** The share of a new batch in the running statistics, 0.1 by default; null averages over all batches alike. */
  readonly momentum?: number | null;
  /** Whether running statistics are kept, and used in evaluation. */
  readonly trackRunningStats?: boolean;
}

/** Buffers with the mean and variance of each channel over past batches. */
export interface RunningStatistics {
  readonly runningMean: Variable;
  readonly runningVar: Variable;
  /** How many batches there were; only where they all count alike. */
  readonly batchesTracked: Variable | undefined;
}

export const runningStatistics = (
  layer: string,
  channels: number,
  { momentum = 0.1, ...options }: RunningOptions,
): RunningStatistics => {
  if (momentum !== null && !(momentum >= 0 && momentum <= 1)) {
    throw new ArgumentError(layer, `momentum lies in [0, 1], got ${momentum}`, "use null to average over all batches");
  }
  return {
    runningMean: parameter("runningMean", zeros, [channels], options, false),
    runningVar: parameter("runningVar", ones, [channels], options, false),
    batchesTracked: momentum === null ? parameter("batchesTracked", zeros, [], options, false) : undefined,
  };
};

/** Takes a batch into account: `running = (1 - momentum) running + momentum new`. Several batches of one step come one after the other. */
export const track = (
  { runningMean, runningVar, batchesTracked }: RunningStatistics,
  momentum: number | null,
  mean: Tensor,
  variance: Tensor,
): void => {
  let share: Tensor = mean.scalar(momentum ?? 0);
  if (batchesTracked !== undefined) {
    batchesTracked.update((count) => count.add(1));
    share = batchesTracked.value.reciprocal();
  }
  const follow = (running: Variable, value: Tensor): void => {
    running.update((current) => {
      const part = share.cast(current.dtype);
      return current.mul(part.neg().add(1)).add(value.reshape(current.shape).cast(current.dtype).mul(part));
    });
  };
  follow(runningMean, mean);
  follow(runningVar, variance);
};
