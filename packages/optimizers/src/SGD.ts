import type { Tensor } from "@gradloom/tensor";
import { ArgumentError } from "@gradloom/tensor";
import type { Momentum } from "./momentum.ts";
import { momentumAt, orFunction } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { commonRanges, penalized } from "./rule.ts";
import { flag, nonNegative } from "./settings.ts";

export interface SGDSettings extends CommonSettings {
  /** How much of the last step goes into the next. */
  readonly momentum: Momentum;
  /** How much of the gradient stays out of the momentum. */
  readonly dampening: number;
  /** Looks one step of momentum ahead. */
  readonly nesterov: boolean;
}

type State = { readonly m: Tensor | undefined };

/**
 * Stochastic gradient descent, as PyTorch's:
 *
 *     g <- g + weightDecay p
 *     m <- momentum m + (1 - dampening) g      (m <- g in the first step)
 *     p <- p - learningRate m                  (of g + momentum m with nesterov; of g without momentum)
 *
 * @throws ArgumentError when nesterov comes without momentum or with dampening.
 * @example new SGD(parameters, { learningRate: 0.1, momentum: 0.9, nesterov: true })
 */
export const SGD = defineOptimizer<SGDSettings, State>({
  name: "SGD",
  defaults: { learningRate: 1e-3, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0, maximize: false },
  ranges: { ...commonRanges, momentum: orFunction(nonNegative), dampening: nonNegative, nesterov: flag },
  check: ({ nesterov, momentum, dampening }) => {
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ArgumentError(
        "SGD",
        `nesterov needs momentum > 0 and dampening 0, got ${momentum} and ${dampening}`,
        "set momentum, 0.9 say",
      );
    }
  },
  state: (p, { momentum }) => ({ m: momentum === 0 ? undefined : p }),
  step: ({ t, learningRate }, { momentum: given, dampening, nesterov, weightDecay }) => {
    const momentum = momentumAt(given, t);
    // The first gradient goes into the momentum whole.
    const share = dampening === 0 ? undefined : t.equal(1).where(t.constant(1), 1 - dampening);
    return (p, g, state) => {
      g = penalized(g, p, weightDecay);
      if (state.m === undefined) return { p: p.sub(g.mul(learningRate)), m: undefined };
      const m = state.m.mul(momentum).add(share === undefined ? g : g.mul(share));
      const direction = nesterov ? g.add(m.mul(momentum)) : m;
      return { p: p.sub(direction.mul(learningRate)), m };
    };
  },
});

export type SGD = Optimizer<SGDSettings>;
