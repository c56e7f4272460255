import type { Tensor } from "@gradloom/tensor";
import { maximum } from "@gradloom/tensor";
import type { MomentSettings } from "./adamStep.ts";
import { momentDefaults, momentRanges } from "./adamStep.ts";
import { momentumAt } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import { average, biasCorrection, penalized } from "./rule.ts";

type State = { readonly m: Tensor; readonly u: Tensor };

/**
 * Adamax, Adam with the infinity norm (Kingma & Ba, 2014), as PyTorch's:
 *
 *     g <- g + weightDecay p
 *     m <- beta1 m + (1 - beta1) g
 *     u <- max(beta2 u, |g| + epsilon)
 *     p <- p - learningRate / (1 - beta1^t) m / u
 *
 * @example new Adamax(parameters, { learningRate: 2e-3 })
 */
export const Adamax = defineOptimizer<MomentSettings, State>({
  name: "Adamax",
  defaults: { ...momentDefaults, learningRate: 2e-3 },
  ranges: momentRanges,
  state: (p) => ({ m: p, u: p }),
  step: ({ t, learningRate }, { beta1: momentum, beta2, epsilon, weightDecay }) => {
    const beta1 = momentumAt(momentum, t);
    const rate = learningRate.div(biasCorrection(beta1, t));
    return (p, g, state) => {
      g = penalized(g, p, weightDecay);
      const m = average(state.m, g, beta1);
      const u = maximum(state.u.mul(beta2), g.abs().add(epsilon));
      return { p: p.sub(m.mul(rate).div(u)), m, u };
    };
  },
});

export type Adamax = Optimizer<MomentSettings>;
