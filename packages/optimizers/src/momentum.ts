import type { Tensor } from "@gradloom/tensor";
import { clamp, cos } from "@gradloom/tensor";
import type { SettingRange } from "./settings.ts";
import { complete, count, decayRate, flag, fraction, oneOf } from "./settings.ts";

/**
 * The momentum of an optimizer: a number, or a function of the step t, 1 in the first step. It is worked out on the device, once per step
 * for all parameters, and follows the optimizer's counter when training is resumed.
 *
 * @example new SGD(parameters, { momentum: (t) => t.add(1).div(t.add(10)) })
 */
export type Momentum = number | ((t: Tensor) => Tensor);

/** A range of numbers that a function of the step may stand for. */
export const orFunction = (range: SettingRange): SettingRange => ({
  holds: (x) => typeof x === "function" || range.holds(x),
  text: range.text,
});

/** The momentum of step `t`. */
export const momentumAt = (momentum: Momentum, t: Tensor): number | Tensor =>
  typeof momentum === "number" ? momentum : momentum(t);

/** The options of `oneCycleMomentum`; those that `oneCycle` has too should be the same there. */
export interface OneCycleMomentumOptions {
  /** Length of the whole cycle. */
  readonly steps: number;
  /** The part of the cycle in which the momentum falls, while the rate rises. */
  readonly rise: number;
  readonly anneal: "cosine" | "linear";
  /** Where the momentum starts and ends. */
  readonly high: number;
  /** The momentum at the highest rate. */
  readonly low: number;
  /** Rises as fast as it fell, and then stays high. */
  readonly threePhase: boolean;
}

/**
 * The momentum of one cycle (Smith, "A disciplined approach to neural network hyper-parameters", 2018): from `high` down to `low` while the
 * rate rises, and up again while it falls. The momentum of PyTorch's `OneCycleLR`.
 *
 * @throws ArgumentError for options out of range.
 * @example new SGD(parameters, { momentum: oneCycleMomentum({ steps: 1000 }) }) // beside oneCycle({ rate: 0.1, steps: 1000 })
 */
export const oneCycleMomentum = (
  given: Partial<OneCycleMomentumOptions> & { readonly steps: number },
): ((t: Tensor) => Tensor) => {
  const defaults: OneCycleMomentumOptions = {
    steps: given.steps,
    rise: 0.3,
    anneal: "cosine",
    high: 0.95,
    low: 0.85,
    threePhase: false,
  };
  const ranges = {
    steps: count,
    rise: fraction,
    anneal: oneOf("cosine", "linear"),
    high: decayRate,
    low: decayRate,
    threePhase: flag,
  };
  const { steps, rise, anneal, high, low, threePhase } = complete("oneCycleMomentum", defaults, ranges, given);
  const top = rise * steps - 1;
  const end = threePhase ? 2 * top : steps - 1;
  return (t) => {
    const step = t.sub(1);
    /** From 0 until step `from` to 1 from step `to` on. */
    const ramp = (from: number, to: number): Tensor => {
      if (to <= from) return step.greater(to).cast(t.dtype);
      const x = clamp(step.sub(from).div(to - from), 0, 1);
      return anneal === "linear" ? x : cos(x.mul(Math.PI)).mul(-0.5).add(0.5);
    };
    return ramp(0, top)
      .sub(ramp(top, end))
      .mul(low - high)
      .add(high);
  };
};
