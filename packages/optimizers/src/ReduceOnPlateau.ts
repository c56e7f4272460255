import { ArgumentError } from "@gradloom/tensor";
import type { Rated } from "./Scheduler.ts";
import type { SettingRanges } from "./settings.ts";
import { complete, nonNegative, oneOf, wholeNumber } from "./settings.ts";

export interface PlateauOptions {
  /** Whether smaller or larger values are better. */
  readonly mode: "min" | "max";
  /** What the rate is multiplied by. */
  readonly factor: number;
  /** Values without improvement that are let pass. */
  readonly patience: number;
  /** How much better counts as better. */
  readonly threshold: number;
  /** Whether the threshold is a share of the best value or a difference. */
  readonly thresholdMode: "relative" | "absolute";
  /** Values after a reduction that are not looked at. */
  readonly cooldown: number;
  /** The least rate. */
  readonly minimum: number;
  /** The least change of the rate that is made. */
  readonly epsilon: number;
}

const defaults: PlateauOptions = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "relative",
  cooldown: 0,
  minimum: 0,
  epsilon: 1e-8,
};

const ranges: SettingRanges<PlateauOptions> = {
  mode: oneOf("min", "max"),
  factor: { holds: (x) => typeof x === "number" && x >= 0 && x < 1, text: "in [0, 1)" },
  patience: wholeNumber,
  threshold: nonNegative,
  thresholdMode: oneOf("relative", "absolute"),
  cooldown: wholeNumber,
  minimum: nonNegative,
  epsilon: nonNegative,
};

/** What is remembered from value to value. */
export interface PlateauState {
  readonly best: number;
  /** Values since the last improvement. */
  readonly waited: number;
  /** Values left that are not looked at. */
  readonly cooling: number;
  readonly rate: number;
}

const isBetter = (value: number, best: number, { mode, threshold, thresholdMode }: PlateauOptions): boolean => {
  const sign = mode === "min" ? 1 : -1;
  const bound = thresholdMode === "relative" ? best * (1 - sign * threshold) : best - sign * threshold;
  return sign * value < sign * bound;
};

/** The state after a value. */
const next = (state: PlateauState, value: number, options: PlateauOptions): PlateauState => {
  const better = isBetter(value, state.best, options);
  const cooling = state.cooling > 0;
  const waited = better || cooling ? 0 : state.waited + 1;
  const seen = { best: better ? value : state.best, waited, cooling: Math.max(0, state.cooling - 1), rate: state.rate };
  if (waited <= options.patience) return seen;
  const rate = Math.max(state.rate * options.factor, options.minimum);
  return {
    ...seen,
    waited: 0,
    cooling: options.cooldown,
    rate: state.rate - rate > options.epsilon ? rate : state.rate,
  };
};

/**
 * Lowers the learning rate when a value, such as the validation loss, has stopped improving. PyTorch's `ReduceLROnPlateau`.
 *
 * @throws ArgumentError for options out of range.
 * @example const plateau = new ReduceOnPlateau(optimizer, { patience: 3 }); plateau.step(validationLoss);
 */
export class ReduceOnPlateau {
  readonly #target: Rated;
  readonly #options: PlateauOptions;
  #state: PlateauState;

  constructor(target: Rated, options: Partial<PlateauOptions> = {}) {
    this.#target = target;
    this.#options = complete("ReduceOnPlateau", defaults, ranges, options);
    const best = this.#options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#state = { best, waited: 0, cooling: 0, rate: target.learningRate };
  }

  /** What `loadState` takes. */
  state(): PlateauState {
    return this.#state;
  }

  loadState(state: PlateauState): void {
    this.#target.learningRate = state.rate;
    this.#state = state;
  }

  /** @throws ArgumentError for a value that is not a number. */
  step(value: number): void {
    if (typeof value !== "number") {
      throw new ArgumentError("ReduceOnPlateau", `takes numbers, got ${String(value)}`, "await tensor.item()");
    }
    this.#state = next({ ...this.#state, rate: this.#target.learningRate }, value, this.#options);
    this.#target.learningRate = this.#state.rate;
  }
}
