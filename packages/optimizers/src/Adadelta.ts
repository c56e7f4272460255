import type { Tensor } from "@gradloom/tensor";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { averageSquare, commonRanges, penalized } from "./rule.ts";
import { fraction, nonNegative } from "./settings.ts";

export interface AdadeltaSettings extends CommonSettings {
  /** Decay of the averages of squares. */
  readonly rho: number;
  readonly epsilon: number;
}

type State = { readonly v: Tensor; readonly u: Tensor };

/**
 * Adadelta (Zeiler, 2012), as PyTorch's:
 *
 *     g <- g + weightDecay p
 *     v <- rho v + (1 - rho) g^2
 *     d = sqrt(u + epsilon) / sqrt(v + epsilon) g
 *     u <- rho u + (1 - rho) d^2
 *     p <- p - learningRate d
 *
 * @example new Adadelta(parameters)
 */
export const Adadelta = defineOptimizer<AdadeltaSettings, State>({
  name: "Adadelta",
  defaults: { learningRate: 1, rho: 0.9, epsilon: 1e-6, weightDecay: 0, maximize: false },
  ranges: { ...commonRanges, rho: fraction, epsilon: nonNegative },
  state: (p) => ({ v: p, u: p }),
  step:
    ({ learningRate }, { rho, epsilon, weightDecay }) =>
    (p, g, state) => {
      g = penalized(g, p, weightDecay);
      const v = averageSquare(state.v, g, rho);
      const d = state.u.add(epsilon).sqrt().div(v.add(epsilon).sqrt()).mul(g);
      return { p: p.sub(d.mul(learningRate)), v, u: averageSquare(state.u, d, rho) };
    },
});

export type Adadelta = Optimizer<AdadeltaSettings>;
