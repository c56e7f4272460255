import type { AdamSettings, AdamState } from "./adamStep.ts";
import { adamDefaults, adamRanges, adamState, adamStep } from "./adamStep.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import { penalized } from "./rule.ts";

/**
 * Adam (Kingma & Ba, 2014), as PyTorch's; weight decay is part of the gradient:
 *
 *     g <- g + weightDecay p
 *     m <- beta1 m + (1 - beta1) g
 *     v <- beta2 v + (1 - beta2) g^2
 *     vMax <- max(vMax, v)                                              (with amsgrad, then used in place of v)
 *     p <- p - learningRate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * @example new Adam(model.parameters(), { learningRate: 1e-3 })
 */
export const Adam = defineOptimizer<AdamSettings, AdamState>({
  name: "Adam",
  defaults: adamDefaults,
  ranges: adamRanges,
  state: adamState,
  step: (step, settings) => {
    const update = adamStep(step, settings);
    return (p, g, state) => update(p, penalized(g, p, settings.weightDecay), state);
  },
});

export type Adam = Optimizer<AdamSettings>;
