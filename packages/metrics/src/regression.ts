import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, stack, zeros } from "@gradloom/tensor";
import type { Batch } from "./batch.ts";
import { requireSameShape } from "./batch.ts";
import type { MetricClass } from "./Metric.ts";
import { defineMetric } from "./Metric.ts";

/** A metric that is made of the mean of something per element. */
const meanOf = (
  name: string,
  perElement: (predictions: Tensor, targets: Tensor) => Tensor,
  finish: (mean: number) => number = (mean) => mean,
): MetricClass<object, number> =>
  defineMetric<object, number>({
    name,
    defaults: {},
    start: ({ predictions: { device }, wide }) => zeros([2], { dtype: wide, device }),
    update: (state, batch) => {
      requireSameShape(batch);
      const { predictions, targets, wide } = batch;
      const values = perElement(predictions.cast(wide), targets.cast(wide));
      return state.add(stack([values.sum(), state.constant(values.size)]));
    },
    result: ([total, n]) => finish((total as number) / (n as number)),
  });

/** The mean of `(prediction - target)^2` over all elements. */
export const MeanSquaredError = meanOf("MeanSquaredError", (p, t) => p.sub(t).square());

/** The root of the mean of `(prediction - target)^2` over all elements. */
export const RootMeanSquaredError = meanOf("RootMeanSquaredError", (p, t) => p.sub(t).square(), Math.sqrt);

/** The mean of `|prediction - target|` over all elements. */
export const MeanAbsoluteError = meanOf("MeanAbsoluteError", (p, t) => p.sub(t).abs());

export interface VarianceOptions {
  /** What becomes of the outputs' values: their mean, their mean by variance of the targets, or a list. */
  readonly average: "uniform" | "variance" | "none";
}

/** Rows of the state: count, then of targets mean and squared deviations, then of errors mean, squared deviations and squares. */
const rows = 6;

/** [n] and [n, outputs] as [n, outputs]. */
const asTable = (x: Tensor): Tensor => x.reshape([x.shape[0] ?? 1, x.rank < 2 ? 1 : x.size / (x.shape[0] as number)]);

/** Means and squared deviations of two sets from those of each (Chan et al., 1979). */
const merge = (n: Tensor, mean: Tensor, deviations: Tensor, x: Tensor): readonly [Tensor, Tensor] => {
  const count = x.shape[0] as number;
  const own = x.mean(0);
  const gap = own.sub(mean);
  const all = n.add(count);
  const within = x.sub(own).square().sum(0);
  return [mean.add(gap.mul(count).div(all)), deviations.add(within).add(gap.square().mul(n.mul(count).div(all)))];
};

const updateMoments = (state: Tensor, batch: Batch): Tensor => {
  requireSameShape(batch);
  const p = asTable(batch.predictions.cast(batch.wide));
  const t = asTable(batch.targets.cast(batch.wide));
  const errors = t.sub(p);
  const row = (i: number): Tensor => state.slice([i]);
  const n = row(0);
  return stack([
    n.add(p.shape[0] as number),
    ...merge(n, row(1), row(2), t),
    ...merge(n, row(3), row(4), errors),
    row(5).add(errors.square().sum(0)),
  ]);
};

/** A metric `1 - part / deviations of the targets` per output. */
const explained = (name: string, part: number): MetricClass<VarianceOptions, number | readonly number[]> =>
  defineMetric<VarianceOptions, number | readonly number[]>({
    name,
    defaults: { average: "uniform" },
    check: ({ average }) => {
      if (!["uniform", "variance", "none"].includes(average)) {
        throw new ArgumentError(name, `average is one of uniform, variance, none, got ${String(average)}`);
      }
    },
    start: ({ predictions, wide }) =>
      zeros([rows, asTable(predictions).shape[1] as number], { dtype: wide, device: predictions.device }),
    update: updateMoments,
    result: (state, { average }) => {
      const outputs = state.length / rows;
      const row = (i: number): number[] => state.slice(i * outputs, (i + 1) * outputs);
      const [n, deviations, unexplained] = [row(0)[0] as number, row(2), row(part)];
      // One sample has no variance to explain.
      const value = (un: number, dev: number): number => (dev !== 0 ? 1 - un / dev : un === 0 ? 1 : 0);
      const values = unexplained.map((un, i) => (n < 2 ? Number.NaN : value(un, deviations[i] as number)));
      if (average === "none") return values;
      const total = deviations.reduce((sum, dev) => sum + dev, 0);
      const weights = deviations.map((dev) => (average === "variance" && total > 0 ? dev / total : 1 / outputs));
      return values.reduce((sum, x, i) => sum + x * (weights[i] as number), 0);
    },
  });

/** The coefficient of determination `1 - Σ (t - p)^2 / Σ (t - mean(t))^2`, of [n] or of each output of [n, outputs]; NaN for one sample. */
export const R2Score = explained("R2Score", 5);

/** The explained variance `1 - var(t - p) / var(t)`: as `R2Score`, but a constant error costs nothing. */
export const ExplainedVariance = explained("ExplainedVariance", 4);
