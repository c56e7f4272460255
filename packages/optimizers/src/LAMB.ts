import { where } from "@gradloom/tensor";
import type { MomentSettings, MomentState } from "./adamStep.ts";
import { momentDefaults, momentRanges, momentState } from "./adamStep.ts";
import { momentumAt } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import { average, averageSquare, biasCorrection, penalized } from "./rule.ts";

/**
 * LAMB, Adam whose steps are scaled to the size of each parameter, for large batches (You et al., "Large batch optimization for deep
 * learning: training BERT in 76 minutes", 2019):
 *
 *     m <- beta1 m + (1 - beta1) g
 *     v <- beta2 v + (1 - beta2) g^2
 *     d = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay p
 *     p <- p - learningRate |p| / |d| d                                 (the ratio is 1 where a norm is 0)
 *
 * @example new LAMB(parameters, { learningRate: 2e-3 })
 */
export const LAMB = defineOptimizer<MomentSettings, MomentState>({
  name: "LAMB",
  defaults: { ...momentDefaults, epsilon: 1e-6, weightDecay: 0.01 },
  ranges: momentRanges,
  state: momentState,
  step: ({ t, learningRate }, { beta1: momentum, beta2, epsilon, weightDecay }) => {
    const beta1 = momentumAt(momentum, t);
    const correction = biasCorrection(beta1, t);
    const root = biasCorrection(beta2, t).sqrt();
    return (p, g, state) => {
      const m = average(state.m, g, beta1);
      const v = averageSquare(state.v, g, beta2);
      const d = penalized(m.div(correction).div(v.sqrt().div(root).add(epsilon)), p, weightDecay);
      const [sizeOfP, sizeOfD] = [p.square().sum().sqrt(), d.square().sum().sqrt()];
      const ratio = where(sizeOfP.mul(sizeOfD).greater(0), sizeOfP.div(sizeOfD), 1);
      return { p: p.sub(d.mul(learningRate.mul(ratio))), m, v };
    };
  },
});

export type LAMB = Optimizer<MomentSettings>;
