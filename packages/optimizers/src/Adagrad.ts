import type { Tensor } from "@gradloom/tensor";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { commonRanges, penalized } from "./rule.ts";
import { nonNegative } from "./settings.ts";

export interface AdagradSettings extends CommonSettings {
  /** How fast the learning rate falls with the steps. */
  readonly learningRateDecay: number;
  /** Where the sums of squares start. */
  readonly initialAccumulator: number;
  readonly epsilon: number;
}

type State = { readonly sum: Tensor };

/**
 * Adagrad (Duchi et al., "Adaptive subgradient methods", 2011), as PyTorch's:
 *
 *     g <- g + weightDecay p
 *     sum <- sum + g^2
 *     p <- p - learningRate / (1 + (t - 1) learningRateDecay) g / (sqrt(sum) + epsilon)
 *
 * @example new Adagrad(parameters, { learningRate: 0.01 })
 */
export const Adagrad = defineOptimizer<AdagradSettings, State>({
  name: "Adagrad",
  defaults: {
    learningRate: 1e-2,
    learningRateDecay: 0,
    initialAccumulator: 0,
    epsilon: 1e-10,
    weightDecay: 0,
    maximize: false,
  },
  ranges: {
    ...commonRanges,
    learningRateDecay: nonNegative,
    initialAccumulator: nonNegative,
    epsilon: nonNegative,
  },
  state: (p, { initialAccumulator }) => ({ sum: p.constant(initialAccumulator).broadcastTo(p.shape) }),
  step: ({ t, learningRate }, { learningRateDecay, epsilon, weightDecay }) => {
    const rate = learningRateDecay === 0 ? learningRate : learningRate.div(t.sub(1).mul(learningRateDecay).add(1));
    return (p, g, state) => {
      g = penalized(g, p, weightDecay);
      const sum = state.sum.add(g.square());
      return { p: p.sub(g.mul(rate).div(sum.sqrt().add(epsilon))), sum };
    };
  },
});

export type Adagrad = Optimizer<AdagradSettings>;
