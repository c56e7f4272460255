import type { Tensor } from "@gradloom/tensor";
import { expm1, log } from "@gradloom/tensor";
import type { SettingRange, SettingRanges } from "./settings.ts";
import { flag, nonNegative } from "./settings.ts";

/** What every update rule can be told. */
export interface CommonSettings {
  readonly learningRate: number;
  /** Strength of the pull of the parameters towards 0. */
  readonly weightDecay: number;
  /** Climb instead of descend. */
  readonly maximize: boolean;
}

export const commonRanges: { readonly [K in keyof CommonSettings]: SettingRange } = {
  learningRate: nonNegative,
  weightDecay: nonNegative,
  maximize: flag,
};

/** What an update rule remembers of each parameter; what its settings leave out is undefined. */
export type RuleState = { readonly [name: string]: Tensor | undefined };

/** The new value and state of one parameter. */
export type RuleResult<S extends RuleState> = { readonly p: Tensor } & S;

/** The update of one parameter `p` with gradient `g`, once all that the parameters share is known. */
export type RuleUpdate<S extends RuleState> = (p: Tensor, g: Tensor, state: S) => RuleResult<S>;

/** What the parameters of a group share in a step: numbers on the device, of rank 0. */
export interface RuleStep {
  /** 1 in the first step. */
  readonly t: Tensor;
  readonly learningRate: Tensor;
  /** The rule's own numbers, already advanced. */
  readonly shared: Readonly<Record<string, Tensor>>;
}

/** An update rule: pure functions of tensors, which an optimizer turns into assignments. */
export interface UpdateRule<S extends CommonSettings, T extends RuleState> {
  readonly name: string;
  readonly defaults: S;
  readonly ranges: SettingRanges<S>;
  /** Refuses settings that contradict each other. */
  readonly check?: (settings: S) => void;
  /** The state of a parameter before the first step; refuses parameters that the rule cannot update. */
  readonly state: (p: Tensor, settings: S) => T;
  /** Numbers that a group keeps from step to step: how they start, and how they go on at step `t`. */
  readonly shared?: {
    readonly start: Readonly<Record<string, number>>;
    readonly advance: (
      shared: Readonly<Record<string, Tensor>>,
      t: Tensor,
      settings: S,
    ) => Readonly<Record<string, Tensor>>;
  };
  /** What is worked out once per step, and the update of each parameter that uses it. */
  readonly step: (step: RuleStep, settings: S) => RuleUpdate<T>;
}

/** `1 - beta^t`, precise in float32 too. */
export const biasCorrection = (beta: number | Tensor, t: Tensor): Tensor =>
  beta === 0 ? t.constant(1) : expm1(t.mul(typeof beta === "number" ? Math.log(beta) : log(beta))).neg();

/** The moving average `beta a + (1 - beta) x`. */
export const average = (a: Tensor, x: Tensor, beta: number | Tensor): Tensor =>
  a.add(x.sub(a).mul(typeof beta === "number" ? 1 - beta : beta.constant(1).sub(beta)));

/** The moving average of squares `beta a + (1 - beta) x^2`. */
export const averageSquare = (a: Tensor, x: Tensor, beta: number): Tensor => a.mul(beta).add(x.square().mul(1 - beta));

/** The gradient of the loss with the penalty `weightDecay / 2 |p|^2`. */
export const penalized = (g: Tensor, p: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? g : g.add(p.mul(weightDecay));

/** The parameter pulled towards 0 apart from its gradient: `(1 - learningRate weightDecay) p`. */
export const decayed = (p: Tensor, learningRate: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? p : p.sub(p.mul(learningRate.mul(weightDecay)));
