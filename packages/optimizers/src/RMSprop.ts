import type { Tensor } from "@gradloom/tensor";
import type { Momentum } from "./momentum.ts";
import { momentumAt, orFunction } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { average, averageSquare, commonRanges, penalized } from "./rule.ts";
import { flag, nonNegative } from "./settings.ts";

export interface RMSpropSettings extends CommonSettings {
  /** Decay of the average of squares. */
  readonly alpha: number;
  readonly epsilon: number;
  readonly momentum: Momentum;
  /** Divides by the standard deviation of the gradient, not by its root mean square. */
  readonly centered: boolean;
}

type State = { readonly v: Tensor; readonly mean: Tensor | undefined; readonly m: Tensor | undefined };

/**
 * RMSprop (Hinton's lecture 6e, 2012), as PyTorch's, with epsilon outside the root:
 *
 *     g <- g + weightDecay p
 *     v <- alpha v + (1 - alpha) g^2
 *     mean <- alpha mean + (1 - alpha) g                           (with centered)
 *     d = g / (sqrt(v - mean^2) + epsilon)
 *     m <- momentum m + d                                          (with momentum)
 *     p <- p - learningRate m                                      (of d without momentum)
 *
 * @example new RMSprop(parameters, { learningRate: 1e-3, momentum: 0.9 })
 */
export const RMSprop = defineOptimizer<RMSpropSettings, State>({
  name: "RMSprop",
  defaults: {
    learningRate: 1e-2,
    alpha: 0.99,
    epsilon: 1e-8,
    momentum: 0,
    centered: false,
    weightDecay: 0,
    maximize: false,
  },
  ranges: {
    ...commonRanges,
    alpha: nonNegative,
    epsilon: nonNegative,
    momentum: orFunction(nonNegative),
    centered: flag,
  },
  state: (p, { centered, momentum }) => ({
    v: p,
    mean: centered ? p : undefined,
    m: momentum === 0 ? undefined : p,
  }),
  step: ({ t, learningRate }, { alpha, epsilon, momentum: given, weightDecay }) => {
    const momentum = momentumAt(given, t);
    return (p, g, state) => {
      g = penalized(g, p, weightDecay);
      const v = averageSquare(state.v, g, alpha);
      const mean = state.mean && average(state.mean, g, alpha);
      const d = g.div((mean === undefined ? v : v.sub(mean.square())).sqrt().add(epsilon));
      const m = state.m?.mul(momentum).add(d);
      return { p: p.sub((m ?? d).mul(learningRate)), v, mean, m };
    };
  },
});

export type RMSprop = Optimizer<RMSpropSettings>;
