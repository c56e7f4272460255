import type { Tensor } from "@gradloom/tensor";
import { exp } from "@gradloom/tensor";
import type { MomentSettings, MomentState } from "./adamStep.ts";
import { momentDefaults, momentRanges, momentState } from "./adamStep.ts";
import { momentumAt } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import { average, averageSquare, biasCorrection, decayed, penalized } from "./rule.ts";
import { flag, nonNegative } from "./settings.ts";

export interface NAdamSettings extends MomentSettings {
  /** How fast the momentum approaches beta1. */
  readonly momentumDecay: number;
  /** Weight decay apart from the gradient, as in AdamW. */
  readonly decoupled: boolean;
}

/** The momentum of step `t`: `beta1 (1 - 0.96^(t momentumDecay) / 2)`. */
const momentum = (t: Tensor, { beta1, momentumDecay }: NAdamSettings): Tensor =>
  exp(t.mul(momentumDecay * Math.log(0.96)))
    .mul(-0.5)
    .add(1)
    .mul(momentumAt(beta1, t));

/**
 * Adam with Nesterov momentum (Dozat, 2016), as PyTorch's, with mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2):
 *
 *     g <- g + weightDecay p                                            (with decoupled: p <- (1 - learningRate weightDecay) p)
 *     muProduct <- mu_t muProduct
 *     m <- beta1 m + (1 - beta1) g
 *     v <- beta2 v + (1 - beta2) g^2
 *     d = (1 - mu_t) / (1 - muProduct) g + mu_(t+1) / (1 - mu_(t+1) muProduct) m
 *     p <- p - learningRate d / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * @example new NAdam(parameters, { learningRate: 2e-3 })
 */
export const NAdam = defineOptimizer<NAdamSettings, MomentState>({
  name: "NAdam",
  defaults: { ...momentDefaults, learningRate: 2e-3, momentumDecay: 4e-3, decoupled: false },
  ranges: { ...momentRanges, momentumDecay: nonNegative, decoupled: flag },
  state: momentState,
  shared: {
    start: { muProduct: 1 },
    advance: ({ muProduct }, t, settings) => ({ muProduct: (muProduct as Tensor).mul(momentum(t, settings)) }),
  },
  step: ({ t, learningRate, shared }, settings) => {
    const { beta2, epsilon, weightDecay, decoupled } = settings;
    const beta1 = momentumAt(settings.beta1, t);
    const muProduct = shared.muProduct as Tensor;
    const mu = momentum(t, settings);
    const next = momentum(t.add(1), settings);
    const one = t.constant(1);
    const ofGradient = learningRate.mul(one.sub(mu)).div(one.sub(muProduct));
    const ofMomentum = learningRate.mul(next).div(one.sub(next.mul(muProduct)));
    const root = biasCorrection(beta2, t).sqrt();
    return (p, g, state) => {
      if (decoupled) p = decayed(p, learningRate, weightDecay);
      else g = penalized(g, p, weightDecay);
      const m = average(state.m, g, beta1);
      const v = averageSquare(state.v, g, beta2);
      const d = g.mul(ofGradient).add(m.mul(ofMomentum));
      return { p: p.sub(d.div(v.sqrt().div(root).add(epsilon))), m, v };
    };
  },
});

export type NAdam = Optimizer<NAdamSettings>;
