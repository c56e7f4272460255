import type { Tensor } from "@gradloom/tensor";
import { expm1, where } from "@gradloom/tensor";
import type { MomentSettings, MomentState } from "./adamStep.ts";
import { momentDefaults, momentRanges, momentState } from "./adamStep.ts";
import { momentumAt } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import { average, averageSquare, biasCorrection, decayed, penalized } from "./rule.ts";
import { flag } from "./settings.ts";

export interface RAdamSettings extends MomentSettings {
  /** Weight decay apart from the gradient, as in AdamW. */
  readonly decoupled: boolean;
}

/** `1 - x / (e^x - 1)`; the series keeps its digits where x is small. */
const oneLessBernoulli = (x: Tensor): Tensor => {
  const y2 = x.square().mul(0.25);
  const series = [2 / 93555, -1 / 4725, 2 / 945, -1 / 45, 1 / 3];
  const near = x.mul(0.5).sub(series.reduce((sum, c) => sum.add(c).mul(y2), x.constant(0)));
  return where(x.less(0.5), near, x.constant(1).sub(x.div(expm1(x))));
};

/** Length of the average at step `t`: `2 / (1 - beta) - 1 - 2 t beta^t / (1 - beta^t)`, rearranged so that nothing cancels. */
const averageLength = (beta: number, t: Tensor): Tensor => {
  if (beta === 0) return t.constant(1);
  const a = -Math.log(beta);
  return oneLessBernoulli(t.mul(a))
    .mul(2 / a)
    .add(2 / (1 - beta) - 1 - 2 / a);
};

/**
 * Rectified Adam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2019), as PyTorch's, with the length
 * n = 2 / (1 - beta2) - 1 of an infinite average and n_t of the average so far:
 *
 *     g <- g + weightDecay p                                            (with decoupled: p <- (1 - learningRate weightDecay) p)
 *     m <- beta1 m + (1 - beta1) g
 *     v <- beta2 v + (1 - beta2) g^2
 *     r = sqrt((n_t - 4) (n_t - 2) n / ((n - 4) (n - 2) n_t))
 *     d = r sqrt(1 - beta2^t) / (sqrt(v) + epsilon) where n_t > 5, else 1
 *     p <- p - learningRate / (1 - beta1^t) m d
 *
 * @example new RAdam(parameters, { learningRate: 1e-3 })
 */
export const RAdam = defineOptimizer<RAdamSettings, MomentState>({
  name: "RAdam",
  defaults: { ...momentDefaults, decoupled: false },
  ranges: { ...momentRanges, decoupled: flag },
  state: momentState,
  step: ({ t, learningRate }, { beta1: momentum, beta2, epsilon, weightDecay, decoupled }) => {
    const beta1 = momentumAt(momentum, t);
    const rate = learningRate.div(biasCorrection(beta1, t));
    const n = 2 / (1 - beta2) - 1;
    const nt = averageLength(beta2, t);
    const r = nt
      .sub(4)
      .mul(nt.sub(2))
      .div(nt)
      .mul(n / ((n - 4) * (n - 2)))
      .sqrt();
    const scale = where(nt.greater(5), r.mul(biasCorrection(beta2, t).sqrt()), 0);
    return (p, g, state) => {
      if (decoupled) p = decayed(p, learningRate, weightDecay);
      else g = penalized(g, p, weightDecay);
      const m = average(state.m, g, beta1);
      const v = averageSquare(state.v, g, beta2);
      const d = where(scale.greater(0), scale.div(v.sqrt().add(epsilon)), 1);
      return { p: p.sub(m.mul(rate).mul(d)), m, v };
    };
  },
});

export type RAdam = Optimizer<RAdamSettings>;
