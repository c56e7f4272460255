import type { AdamSettings, AdamState } from "./adamStep.ts";
import { adamDefaults, adamRanges, adamState, adamStep } from "./adamStep.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import { decayed } from "./rule.ts";

/**
 * Adam with weight decay apart from the gradient (Loshchilov & Hutter, "Decoupled weight decay regularization", 2017), as PyTorch's:
 * `p <- (1 - learningRate weightDecay) p`, then the update of `Adam`.
 *
 * @example new AdamW(model.parameters(), { learningRate: 3e-4, weightDecay: 0.1 })
 */
export const AdamW = defineOptimizer<AdamSettings, AdamState>({
  name: "AdamW",
  defaults: { ...adamDefaults, weightDecay: 1e-2 },
  ranges: adamRanges,
  state: adamState,
  step: (step, settings) => {
    const update = adamStep(step, settings);
    return (p, g, state) => update(decayed(p, step.learningRate, settings.weightDecay), g, state);
  },
});

export type AdamW = Optimizer<AdamSettings>;
