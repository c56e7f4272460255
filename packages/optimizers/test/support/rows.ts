import type { CommonSettings, OptimizerClass, Schedule } from "../../src/index.ts";
import * as optimizers from "../../src/index.ts";

type Exports = typeof optimizers;

/** Every exported optimizer that is made of an update rule: one without a row here does not compile. */
export type Name = {
  // biome-ignore lint/suspicious/noExplicitAny: any settings
  [K in keyof Exports]: Exports[K] extends OptimizerClass<any> ? K : never;
}[keyof Exports];

type SettingsOf<N extends Name> = Exports[N] extends OptimizerClass<infer S extends CommonSettings> ? S : never;

/** How long, and with which settings, until a minimum is reached. */
interface Descent<N extends Name> {
  readonly settings: Partial<SettingsOf<N>>;
  readonly steps: number;
  /** In place of the fixed rate. */
  readonly rate?: Schedule;
}

interface Row<N extends Name> {
  /** Σ (p - c)^2 from 0, to within 0.01. */
  readonly parabola: Descent<N>;
  /** (1 - x)^2 + 100 (y - x^2)^2 from (-1, 1), to within 0.1. */
  readonly rosenbrock: Descent<N>;
  /** Settings beside the common ones that are refused, and the message. */
  readonly refused: readonly (readonly [settings: Readonly<Record<string, unknown>>, message: string])[];
}

const { polynomialDecay } = optimizers;

/** From `rate` to 0 in a straight line, for optimizers whose steps never shrink by themselves. */
const falling = (rate: number, steps: number): Schedule => polynomialDecay({ rate, steps });

const moments = (name: string): Row<Name>["refused"] => [
  [{ beta1: 1 }, `[${name}] beta1 must be in [0, 1), got 1`],
  [{ beta2: -0.1 }, `[${name}] beta2 must be in [0, 1), got -0.1`],
  [{ epsilon: -1 }, `[${name}] epsilon must be a number >= 0, got -1`],
];

export const rows: { readonly [N in Name]: Row<N> } = {
  SGD: {
    parabola: { settings: { learningRate: 0.1 }, steps: 60 },
    rosenbrock: { settings: { learningRate: 1e-3, momentum: 0.9, nesterov: true }, steps: 1500 },
    refused: [
      [{ momentum: -1 }, "[SGD] momentum must be a number >= 0, got -1"],
      [{ dampening: Number.NaN }, "[SGD] dampening must be a number >= 0, got NaN"],
      [{ nesterov: 1 }, "[SGD] nesterov must be true or false, got 1"],
      [{ nesterov: true }, "[SGD] nesterov needs momentum > 0 and dampening 0, got 0 and 0; set momentum, 0.9 say"],
    ],
  },
  Adagrad: {
    parabola: { settings: { learningRate: 0.5 }, steps: 200 },
    rosenbrock: { settings: { learningRate: 0.5 }, steps: 2500 },
    refused: [
      [{ learningRateDecay: -1 }, "[Adagrad] learningRateDecay must be a number >= 0, got -1"],
      [{ initialAccumulator: -1 }, "[Adagrad] initialAccumulator must be a number >= 0, got -1"],
      [{ epsilon: -1 }, "[Adagrad] epsilon must be a number >= 0, got -1"],
    ],
  },
  Adadelta: {
    parabola: { settings: { learningRate: 10 }, steps: 400 },
    rosenbrock: { settings: { rho: 0.99 }, steps: 3000, rate: falling(5, 3000) },
    refused: [
      [{ rho: 1.1 }, "[Adadelta] rho must be in [0, 1], got 1.1"],
      [{ epsilon: -1 }, "[Adadelta] epsilon must be a number >= 0, got -1"],
    ],
  },
  RMSprop: {
    parabola: { settings: { learningRate: 0.05 }, steps: 300, rate: falling(0.05, 300) },
    rosenbrock: { settings: { alpha: 0.9 }, steps: 2500, rate: falling(0.02, 2500) },
    refused: [
      [{ alpha: -1 }, "[RMSprop] alpha must be a number >= 0, got -1"],
      [{ epsilon: -1 }, "[RMSprop] epsilon must be a number >= 0, got -1"],
      [{ momentum: -1 }, "[RMSprop] momentum must be a number >= 0, got -1"],
      [{ centered: "yes" }, "[RMSprop] centered must be true or false, got yes"],
    ],
  },
  Adam: {
    parabola: { settings: { learningRate: 0.1 }, steps: 300 },
    rosenbrock: { settings: { learningRate: 0.05 }, steps: 1500 },
    refused: [...moments("Adam"), [{ amsgrad: 0 }, "[Adam] amsgrad must be true or false, got 0"]],
  },
  AdamW: {
    parabola: { settings: { learningRate: 0.1, weightDecay: 1e-4 }, steps: 300 },
    rosenbrock: { settings: { learningRate: 0.05, weightDecay: 1e-4 }, steps: 1500 },
    refused: moments("AdamW"),
  },
  Adamax: {
    parabola: { settings: { learningRate: 0.1 }, steps: 300 },
    rosenbrock: { settings: { learningRate: 0.05 }, steps: 2500 },
    refused: moments("Adamax"),
  },
  NAdam: {
    parabola: { settings: { learningRate: 0.1 }, steps: 300 },
    rosenbrock: { settings: { learningRate: 0.05 }, steps: 4000 },
    refused: [
      ...moments("NAdam"),
      [{ momentumDecay: -1 }, "[NAdam] momentumDecay must be a number >= 0, got -1"],
      [{ decoupled: 1 }, "[NAdam] decoupled must be true or false, got 1"],
    ],
  },
  RAdam: {
    parabola: { settings: { learningRate: 0.1 }, steps: 400 },
    rosenbrock: { settings: { learningRate: 2e-3, beta2: 0.9 }, steps: 2500 },
    refused: [...moments("RAdam"), [{ decoupled: 1 }, "[RAdam] decoupled must be true or false, got 1"]],
  },
  Lion: {
    parabola: { settings: {}, steps: 300, rate: falling(0.05, 300) },
    rosenbrock: { settings: {}, steps: 2500, rate: falling(0.01, 2500) },
    refused: moments("Lion").slice(0, 2),
  },
  LAMB: {
    parabola: { settings: { weightDecay: 0 }, steps: 300, rate: falling(0.1, 300) },
    rosenbrock: { settings: { weightDecay: 0 }, steps: 2500, rate: falling(0.02, 2500) },
    refused: moments("LAMB"),
  },
  Adafactor: {
    parabola: { settings: {}, steps: 300, rate: falling(0.2, 300) },
    rosenbrock: { settings: {}, steps: 3000, rate: falling(0.07, 3000) },
    refused: [
      [{ beta2Decay: 1 }, "[Adafactor] beta2Decay must be a number <= 0, got 1"],
      [{ epsilon1: -1 }, "[Adafactor] epsilon1 must be a number >= 0, or null, got -1"],
      [{ epsilon2: -1 }, "[Adafactor] epsilon2 must be a number >= 0, got -1"],
      [{ clipThreshold: 0.5 }, "[Adafactor] clipThreshold must be a number >= 1, got 0.5"],
    ],
  },
  Muon: {
    parabola: { settings: { weightDecay: 0 }, steps: 300, rate: falling(0.1, 300) },
    rosenbrock: { settings: { weightDecay: 0 }, steps: 2500, rate: falling(0.02, 2500) },
    refused: [
      [{ momentum: 1 }, "[Muon] momentum must be in [0, 1), got 1"],
      [{ nesterov: 1 }, "[Muon] nesterov must be true or false, got 1"],
      [{ iterations: 1.5 }, "[Muon] iterations must be a whole number >= 0, got 1.5"],
      [{ coefficients: [1, 2] }, "[Muon] coefficients must be a list of three numbers, got 1,2"],
      [{ epsilon: 0 }, "[Muon] epsilon must be a number > 0, got 0"],
      [{ adjust: "none" }, "[Muon] adjust must be one of original, matchAdamW, got none"],
    ],
  },
};

export const names = Object.keys(rows) as Name[];

/** Makes an optimizer by name; settings are not checked against the name here. */
export const make = (
  name: string,
  ...given: ConstructorParameters<OptimizerClass<CommonSettings>>
): optimizers.Optimizer<CommonSettings> =>
  new (optimizers as unknown as Record<string, OptimizerClass<CommonSettings>>)[name]!(...given);
