import type { Tensor } from "@gradloom/tensor";
import { sign } from "@gradloom/tensor";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { average, commonRanges, decayed } from "./rule.ts";
import { decayRate } from "./settings.ts";

export interface LionSettings extends CommonSettings {
  /** Share of the momentum in the direction of a step. */
  readonly beta1: number;
  /** Decay of the momentum. */
  readonly beta2: number;
}

type State = { readonly m: Tensor };

/**
 * Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023); it wants a rate 3 to 10 times smaller than AdamW's, and a
 * weight decay as much larger:
 *
 *     d = sign(beta1 m + (1 - beta1) g)
 *     p <- (1 - learningRate weightDecay) p - learningRate d
 *     m <- beta2 m + (1 - beta2) g
 *
 * @example new Lion(parameters, { learningRate: 1e-4, weightDecay: 0.1 })
 */
export const Lion = defineOptimizer<LionSettings, State>({
  name: "Lion",
  defaults: { learningRate: 1e-4, beta1: 0.9, beta2: 0.99, weightDecay: 0, maximize: false },
  ranges: { ...commonRanges, beta1: decayRate, beta2: decayRate },
  state: (p) => ({ m: p }),
  step:
    ({ learningRate }, { beta1, beta2, weightDecay }) =>
    (p, g, state) => {
      const d = sign(average(state.m, g, beta1));
      return { p: decayed(p, learningRate, weightDecay).sub(d.mul(learningRate)), m: average(state.m, g, beta2) };
    },
});

export type Lion = Optimizer<LionSettings>;
