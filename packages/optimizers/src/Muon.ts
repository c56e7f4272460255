import type { Tensor } from "@gradloom/tensor";
import { maximum, ShapeError } from "@gradloom/tensor";
import type { Momentum } from "./momentum.ts";
import { momentumAt, orFunction } from "./momentum.ts";
import type { Optimizer } from "./Optimizer.ts";
import { defineOptimizer } from "./Optimizer.ts";
import type { CommonSettings } from "./rule.ts";
import { average, commonRanges, decayed } from "./rule.ts";
import { decayRate, flag, oneOf, positive, wholeNumber } from "./settings.ts";

export interface MuonSettings extends CommonSettings {
  readonly momentum: Momentum;
  /** Looks one step of momentum ahead. */
  readonly nesterov: boolean;
  /** Newton-Schulz iterations. */
  readonly iterations: number;
  /** The odd polynomial `a x + b x^3 + c x^5` of an iteration. */
  readonly coefficients: readonly [a: number, b: number, c: number];
  /** The least norm to divide by. */
  readonly epsilon: number;
  /** How the rate depends on a matrix [in, out]: `sqrt(max(1, out / in))`, or `0.2 sqrt(max(in, out))`, which suits AdamW's rates. */
  readonly adjust: "original" | "matchAdamW";
}

type State = { readonly m: Tensor };

/** The nearest matrix with orthonormal rows or columns, nearly: singular values come out between about 0.7 and 1.2. */
const orthogonalized = (g: Tensor, { iterations, coefficients: [a, b, c], epsilon }: MuonSettings): Tensor => {
  const tall = (g.shape[0] as number) > (g.shape[1] as number);
  let x = tall ? g.transpose() : g;
  x = x.div(maximum(x.square().sum().sqrt(), epsilon));
  for (let i = 0; i < iterations; i++) {
    const gram = x.matmul(x.transpose());
    const polynomial = gram.mul(b).add(gram.matmul(gram).mul(c));
    x = x.mul(a).add(polynomial.matmul(x));
  }
  return tall ? x.transpose() : x;
};

/**
 * Muon (Jordan et al., 2024): momentum whose steps are made orthogonal, for the matrices of hidden layers; give vectors, embeddings and
 * the last layer to AdamW. Parameters of higher rank count as matrices [rest, last axis]. PyTorch's formula, but without rounding to
 * bfloat16, and with inputs along the first axis, as layers here keep them:
 *
 *     m <- momentum m + (1 - momentum) g
 *     d = orthogonalized(m)                       (of (1 - momentum) g + momentum m with nesterov)
 *     p <- (1 - learningRate weightDecay) p - learningRate sqrt(max(1, out / in)) d
 *
 * @throws ShapeError for parameters of rank 0 and 1.
 * @example new Muon(matrices, { learningRate: 0.02 })
 */
export const Muon = defineOptimizer<MuonSettings, State>({
  name: "Muon",
  defaults: {
    learningRate: 1e-3,
    momentum: 0.95,
    nesterov: true,
    iterations: 5,
    coefficients: [3.4445, -4.775, 2.0315],
    epsilon: 1e-7,
    adjust: "original",
    weightDecay: 0.1,
    maximize: false,
  },
  ranges: {
    ...commonRanges,
    momentum: orFunction(decayRate),
    nesterov: flag,
    iterations: wholeNumber,
    coefficients: {
      holds: (x) => Array.isArray(x) && x.length === 3 && x.every(Number.isFinite),
      text: "a list of three numbers",
    },
    epsilon: positive,
    adjust: oneOf("original", "matchAdamW"),
  },
  state: (p) => {
    if (p.rank < 2) {
      throw new ShapeError(
        "Muon",
        `updates matrices, got a parameter of shape [${p.shape.join(",")}]`,
        "give it to AdamW",
      );
    }
    return { m: p };
  },
  step: ({ t, learningRate }, settings) => {
    const { nesterov, weightDecay, adjust } = settings;
    const momentum = momentumAt(settings.momentum, t);
    return (p, g, state) => {
      const m = average(state.m, g, momentum);
      const last = p.shape.at(-1) as number;
      const rest = p.size / last;
      const direction = (nesterov ? g.add(m.sub(g).mul(momentum)) : m).reshape([rest, last]);
      const ratio = adjust === "original" ? Math.sqrt(Math.max(1, last / rest)) : 0.2 * Math.sqrt(Math.max(last, rest));
      const d = orthogonalized(direction, settings).reshape(p.shape);
      return { p: decayed(p, learningRate, weightDecay).sub(d.mul(learningRate.mul(ratio))), m };
    };
  },
});

export type Muon = Optimizer<MuonSettings>;
