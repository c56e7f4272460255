import type { Tensor } from "@gradloom/tensor";
import { maximum } from "@gradloom/tensor";
import type { Momentum } from "./momentum.ts";
import { momentumAt, orFunction } from "./momentum.ts";
import type { CommonSettings, RuleUpdate, UpdateRule } from "./rule.ts";
import { average, averageSquare, biasCorrection, commonRanges } from "./rule.ts";
import type { SettingRange } from "./settings.ts";
import { decayRate, flag, nonNegative } from "./settings.ts";

/** What the relatives of Adam share. */
export interface MomentSettings extends CommonSettings {
  /** Decay of the average of gradients. */
  readonly beta1: Momentum;
  /** Decay of the average of their squares. */
  readonly beta2: number;
  readonly epsilon: number;
}

export interface AdamSettings extends MomentSettings {
  /** Divides by the largest average of squares so far (Reddi et al., "On the convergence of Adam and beyond", 2018). */
  readonly amsgrad: boolean;
}

export type MomentState = { readonly m: Tensor; readonly v: Tensor };

export type AdamState = MomentState & { readonly vMax: Tensor | undefined };

export const momentDefaults: MomentSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maximize: false,
};

export const momentRanges: { readonly [K in keyof MomentSettings]: SettingRange } = {
  ...commonRanges,
  beta1: orFunction(decayRate),
  beta2: decayRate,
  epsilon: nonNegative,
};

export const momentState = (p: Tensor): MomentState => ({ m: p, v: p });

export const adamDefaults: AdamSettings = { ...momentDefaults, amsgrad: false };

export const adamRanges: UpdateRule<AdamSettings, AdamState>["ranges"] = { ...momentRanges, amsgrad: flag };

export const adamState = (p: Tensor, { amsgrad }: AdamSettings): AdamState => ({
  ...momentState(p),
  vMax: amsgrad ? p : undefined,
});

/** Adam's update without weight decay. */
export const adamStep: UpdateRule<AdamSettings, AdamState>["step"] = (
  { t, learningRate },
  { beta1: momentum, beta2, epsilon },
): RuleUpdate<AdamState> => {
  const beta1 = momentumAt(momentum, t);
  const rate = learningRate.div(biasCorrection(beta1, t));
  const root = biasCorrection(beta2, t).sqrt();
  return (p, g, state) => {
    const m = average(state.m, g, beta1);
    const v = averageSquare(state.v, g, beta2);
    const vMax = state.vMax && maximum(state.vMax, v);
    const size = (vMax ?? v).sqrt().div(root).add(epsilon);
    return { p: p.sub(m.mul(rate).div(size)), m, v, vMax };
  };
};
