import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, log, stopGradient, where, xlogy } from "@gradloom/tensor";
import type { LossOptions, Reduction } from "./reduction.ts";
import { reduceLosses, requireSame } from "./reduction.ts";

/**
 * Kullback-Leibler divergence `t (log t - x)` of a target distribution t from logarithms of probabilities x; 0 where t is 0. "mean" divides
 * by the number of elements, "batchMean" by the first dimension, which is the divergence by its definition.
 *
 * @param options.logTarget Whether the target is given as logarithms.
 * @throws ShapeError unless both have one shape.
 * @example klDivergence(logSoftmax(logits), probabilities, { reduction: "batchMean" })
 */
export const klDivergence = (
  logProbabilities: Tensor,
  target: Tensor,
  options: { readonly reduction?: Reduction | "batchMean"; readonly logTarget?: boolean } = {},
): Tensor => {
  const op = "klDivergence";
  requireSame(op, logProbabilities, target);
  const x = logProbabilities;
  const losses = options.logTarget
    ? target.exp().mul(target.sub(x))
    : xlogy(target, target).sub(where(target.equal(0), 0, target.mul(x)));
  const { reduction = "mean" } = options;
  if (reduction !== "batchMean") return reduceLosses(op, losses, { reduction });
  return losses.sum().div(x.shape[0] ?? 1);
};

/**
 * Negative log likelihood of counts t under a Poisson distribution with rate `e^x`: `e^x - t x`, or with `logInput: false` rate x:
 * `x - t log(x + epsilon)`. `full` adds Stirling's approximation of `log t!` where t > 1.
 *
 * @param options.epsilon 1e-8 by default.
 * @throws ShapeError unless both have one shape.
 */
export const poissonNllLoss = (
  input: Tensor,
  target: Tensor,
  options: LossOptions & { readonly logInput?: boolean; readonly full?: boolean; readonly epsilon?: number } = {},
): Tensor => {
  const { logInput = true, full = false, epsilon = 1e-8 } = options;
  requireSame("poissonNllLoss", input, target);
  let losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(log(input.add(epsilon))));
  if (full) {
    const several = target.greater(1);
    const t = where(several, target, 1);
    const logarithm = log(t);
    const stirling = t
      .mul(logarithm)
      .sub(t)
      .add(logarithm.add(Math.log(2 * Math.PI)).mul(0.5));
    losses = losses.add(where(several, stirling, 0));
  }
  return reduceLosses("poissonNllLoss", losses, options);
};

/**
 * Negative log likelihood of t under a normal distribution with the given mean and variance:
 * `(log v + (t - mean)² / v) / 2` with `v = max(variance, epsilon)`; `full` adds `log(2 pi) / 2`. The variance may have a last dimension of
 * 1, or broadcast otherwise.
 *
 * @param options.epsilon 1e-6 by default; the gradient goes to the variance as if it were not bounded.
 * @throws ShapeError unless mean and target have one shape; ArgumentError unless epsilon is above 0.
 */
export const gaussianNllLoss = (
  mean: Tensor,
  target: Tensor,
  variance: Tensor,
  options: LossOptions & { readonly full?: boolean; readonly epsilon?: number } = {},
): Tensor => {
  const { full = false, epsilon = 1e-6 } = options;
  requireSame("gaussianNllLoss", mean, target);
  if (!(epsilon > 0)) throw new ArgumentError("gaussianNllLoss", `epsilon is a number > 0, got ${epsilon}`);
  const bounded = where(variance.less(epsilon), variance.sub(stopGradient(variance)).add(epsilon), variance);
  const v = bounded.broadcastTo(mean.shape);
  const losses = log(v).add(mean.sub(target).square().div(v)).mul(0.5);
  return reduceLosses("gaussianNllLoss", full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, options);
};
