import type { Tensor } from "@gradloom/tensor";
import { maximum, minimum, pow } from "@gradloom/tensor";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { commonRanges, decayed } from "./rule.ts";
import { atLeast, nonNegative, nonPositive, orNothing } from "./settings.ts";

export interface AdafactorSettings extends CommonSettings {
  /** The averages of squares take in a share `t^beta2Decay` of each gradient. */
  readonly beta2Decay: number;
  /** Keeps divisors from 0; null for the distance from 1 to the next number of the type. */
  readonly epsilon1: number | null;
  /** The least size of a parameter that a step is relative to. */
  readonly epsilon2: number;
  /** The largest root mean square of an update before the learning rate. */
  readonly clipThreshold: number;
}

/** A matrix keeps means of squares of its rows and columns only; a vector keeps them all. */
type State = { readonly row: Tensor | undefined; readonly column: Tensor | undefined; readonly v: Tensor | undefined };

const rootMeanSquare = (x: Tensor): Tensor => x.square().mean().sqrt();

/** The moving average `a + w (x - a)`. */
const towards = (a: Tensor, x: Tensor, w: Tensor): Tensor => a.add(x.sub(a).mul(w));

/**
 * Adafactor (Shazeer & Stern, "Adaptive learning rates with sublinear memory cost", 2018), as PyTorch's:
 *
 *     w = t^beta2Decay
 *     a = max(epsilon2, rms(p)) min(learningRate, 1 / sqrt(t))
 *     p <- (1 - learningRate weightDecay) p
 *     row <- (1 - w) row + w mean(g^2 along the last axis),  column likewise along the last but one
 *     v = row column / max(mean(row), epsilon1)                         (of a vector: v <- (1 - w) v + w g^2)
 *     d = g / sqrt(max(v, epsilon1^2))
 *     p <- p - a d / max(1, rms(d) / clipThreshold)
 *
 * @example new Adafactor(parameters, { learningRate: 0.01 })
 */
export const Adafactor = defineOptimizer<AdafactorSettings, State>({
  name: "Adafactor",
  defaults: {
    learningRate: 1e-2,
    beta2Decay: -0.8,
    epsilon1: null,
    epsilon2: 1e-3,
    clipThreshold: 1,
    weightDecay: 0,
    maximize: false,
  },
  ranges: {
    ...commonRanges,
    beta2Decay: nonPositive,
    epsilon1: orNothing(nonNegative),
    epsilon2: nonNegative,
    clipThreshold: atLeast(1),
  },
  state: (p) =>
    p.rank < 2
      ? { row: undefined, column: undefined, v: p }
      : { row: p.mean(-1, true), column: p.mean(-2, true), v: undefined },
  step: ({ t, learningRate }, { beta2Decay, epsilon1, epsilon2, clipThreshold, weightDecay }) => {
    const w = pow(t, beta2Decay);
    const rate = minimum(learningRate, t.sqrt().reciprocal());
    const least = epsilon1 ?? (t.dtype === "float64" ? 2 ** -52 : 2 ** -23);
    return (p, g, state) => {
      const a = maximum(rootMeanSquare(p), epsilon2).mul(rate);
      const row = state.row && towards(state.row, g.square().mean(-1, true), w);
      const column = state.column && towards(state.column, g.square().mean(-2, true), w);
      const v = state.v && towards(state.v, g.square(), w);
      const factored = row && column && row.mul(column).div(maximum(row.mean(-2, true), least));
      const d = g.div(maximum((v ?? factored) as Tensor, least * least).sqrt());
      const scale = a.div(maximum(rootMeanSquare(d).div(clipThreshold), 1));
      return { p: decayed(p, learningRate, weightDecay).sub(d.mul(scale)), row, column, v };
    };
  },
});

export type Adafactor = Optimizer<AdafactorSettings>;
