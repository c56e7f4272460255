import { ArgumentError } from "@gradloom/tensor";
import type { SettingRange, SettingRanges } from "./settings.ts";
import { complete, count, finite, flag, fraction, nonNegative, oneOf, positive } from "./settings.ts";

/** The learning rate of each step; the first step is 0. */
export type Schedule = (step: number) => number;

/** The options of a schedule: its rate is always needed, the rest has defaults. */
export type ScheduleOptions<O extends { readonly rate: number }> = Partial<O> & { readonly rate: number };

/** A schedule of checked options. */
/* @__NO_SIDE_EFFECTS__ */
const schedule =
  <O extends { readonly rate: number }>(
    name: string,
    defaults: Omit<O, "rate">,
    ranges: SettingRanges<Omit<O, "rate">>,
    rateAt: (options: O, step: number) => number,
    check?: (options: O) => void,
  ): ((options: ScheduleOptions<O>) => Schedule) =>
  (given) => {
    const all = { rate: nonNegative, ...ranges } as unknown as SettingRanges<O>;
    const { rate } = given;
    if (!nonNegative.holds(rate)) throw new ArgumentError(name, `rate must be ${nonNegative.text}, got ${rate}`);
    const options = complete(name, { ...defaults, rate } as O, all, given as Partial<O>);
    check?.(options);
    return (step) => rateAt(options, step);
  };

const whole: SettingRange = count;
const milestones: SettingRange = {
  holds: (x) => Array.isArray(x) && x.every((m, i) => Number.isInteger(m) && m >= 0 && (i === 0 || m > x[i - 1])),
  text: "a list of whole numbers in ascending order",
};

/** `rate factor` for the first `steps` steps, then `rate`. PyTorch's `ConstantLR`. @example constantRate({ rate: 0.1, factor: 0.5 }) */
export const constantRate = schedule<{ readonly rate: number; readonly factor: number; readonly steps: number }>(
  "constantRate",
  { factor: 1 / 3, steps: 5 },
  { factor: fraction, steps: whole },
  ({ rate, factor, steps }, step) => (step < steps ? rate * factor : rate),
);

/** From `rate start` to `rate end` in `steps` equal parts, for warming up, say. PyTorch's `LinearLR`. */
export const linearWarmup = schedule<{
  readonly rate: number;
  readonly start: number;
  readonly end: number;
  readonly steps: number;
}>(
  "linearWarmup",
  { start: 1 / 3, end: 1, steps: 5 },
  { start: fraction, end: fraction, steps: whole },
  ({ rate, start, end, steps }, step) => rate * (start + ((end - start) * Math.min(step, steps)) / steps),
);

/** `rate gamma^floor(step / every)`. PyTorch's `StepLR`. */
export const stepDecay = schedule<{ readonly rate: number; readonly every: number; readonly gamma: number }>(
  "stepDecay",
  { every: 1, gamma: 0.1 },
  { every: whole, gamma: nonNegative },
  ({ rate, every, gamma }, step) => rate * gamma ** Math.floor(step / every),
);

/** `rate gamma^n` with n the number of milestones reached. PyTorch's `MultiStepLR`. */
export const multiStepDecay = schedule<{
  readonly rate: number;
  readonly milestones: readonly number[];
  readonly gamma: number;
}>(
  "multiStepDecay",
  { milestones: [], gamma: 0.1 },
  { milestones, gamma: nonNegative },
  (options, step) => options.rate * options.gamma ** options.milestones.filter((m) => m <= step).length,
);

/** `rate gamma^step`. PyTorch's `ExponentialLR`. */
export const exponentialDecay = schedule<{ readonly rate: number; readonly gamma: number }>(
  "exponentialDecay",
  { gamma: 0.9 },
  { gamma: nonNegative },
  ({ rate, gamma }, step) => rate * gamma ** step,
);

/** `rate (1 - step / steps)^power`, 0 from `steps` on. PyTorch's `PolynomialLR`. */
export const polynomialDecay = schedule<{ readonly rate: number; readonly steps: number; readonly power: number }>(
  "polynomialDecay",
  { steps: 5, power: 1 },
  { steps: whole, power: nonNegative },
  ({ rate, steps, power }, step) => rate * (1 - Math.min(step, steps) / steps) ** power,
);

/** Half a cosine from `from` (at 0) to `to` (at 1). */
const cosine = (from: number, to: number, at: number): number => to + ((from - to) * (1 + Math.cos(Math.PI * at))) / 2;

/** From `rate` to `end` along half a cosine of `steps` steps, and back again. PyTorch's `CosineAnnealingLR`. */
export const cosineDecay = schedule<{ readonly rate: number; readonly steps: number; readonly end: number }>(
  "cosineDecay",
  { steps: 100, end: 0 },
  { steps: whole, end: nonNegative },
  ({ rate, steps, end }, step) => cosine(rate, end, step / steps),
);

/**
 * Half cosines from `rate` to `end`, the first of `steps` steps, each `factor` times as long as the one before (Loshchilov & Hutter,
 * "SGDR", 2016). PyTorch's `CosineAnnealingWarmRestarts`.
 */
export const cosineWarmRestarts = schedule<{
  readonly rate: number;
  readonly steps: number;
  readonly factor: number;
  readonly end: number;
}>(
  "cosineWarmRestarts",
  { steps: 10, factor: 1, end: 0 },
  { steps: whole, factor: whole, end: nonNegative },
  ({ rate, steps, factor, end }, step) => {
    let length = steps;
    if (factor === 1) step %= length;
    for (; step >= length; length *= factor) step -= length;
    return cosine(rate, end, step / length);
  },
);

/** The options of `oneCycle`. */
export interface OneCycleOptions {
  /** The highest rate. */
  readonly rate: number;
  /** Length of the whole cycle. */
  readonly steps: number;
  /** The part of the cycle in which the rate rises. */
  readonly rise: number;
  readonly anneal: "cosine" | "linear";
  /** The first rate is `rate / startDivisor`. */
  readonly startDivisor: number;
  /** The last rate is the first one divided by this. */
  readonly endDivisor: number;
  /** Falls to the first rate as slowly as it rose, and only then to the last. */
  readonly threePhase: boolean;
}

/**
 * One cycle (Smith & Topin, "Super-convergence", 2018): up to `rate` and down again, the last rate from `steps` on. PyTorch's
 * `OneCycleLR`, whose momentum is `oneCycleMomentum`.
 *
 * @example oneCycle({ rate: 0.1, steps: 1000 })
 */
export const oneCycle = schedule<OneCycleOptions>(
  "oneCycle",
  { steps: 100, rise: 0.3, anneal: "cosine", startDivisor: 25, endDivisor: 1e4, threePhase: false },
  {
    steps: whole,
    rise: fraction,
    anneal: oneOf("cosine", "linear"),
    startDivisor: positive,
    endDivisor: positive,
    threePhase: flag,
  },
  ({ rate, steps, rise, anneal, startDivisor, endDivisor, threePhase }, step) => {
    const start = rate / startDivisor;
    const end = start / endDivisor;
    const top = rise * steps - 1;
    const phases = threePhase
      ? [
          { until: top, from: start, to: rate },
          { until: 2 * rise * steps - 2, from: rate, to: start },
          { until: steps - 1, from: start, to: end },
        ]
      : [
          { until: top, from: start, to: rate },
          { until: steps - 1, from: rate, to: end },
        ];
    let since = 0;
    for (const { until, from, to } of phases) {
      if (step <= until) {
        const at = (step - since) / (until - since);
        return anneal === "cosine" ? cosine(from, to, at) : from + (to - from) * at;
      }
      since = until;
    }
    return end;
  },
);

/**
 * The product of schedules; give all but one the rate 1. PyTorch's `ChainedScheduler`.
 *
 * @throws ArgumentError without schedules.
 * @example chained([linearWarmup({ rate: 0.1 }), exponentialDecay({ rate: 1, gamma: 0.99 })])
 */
export const chained = (schedules: readonly Schedule[]): Schedule => {
  if (schedules.length === 0) throw new ArgumentError("chained", "needs at least one schedule");
  return (step) => schedules.reduce((product, each) => product * each(step), 1);
};

/**
 * Schedules one after the other: number i starts anew at `starts[i - 1]`. PyTorch's `SequentialLR`.
 *
 * @throws ArgumentError unless there is one start fewer than schedules, in ascending order.
 * @example sequential([linearWarmup({ rate: 0.1, steps: 5 }), cosineDecay({ rate: 0.1, steps: 95 })], [5])
 */
export const sequential = (schedules: readonly Schedule[], starts: readonly number[]): Schedule => {
  if (schedules.length === 0 || starts.length !== schedules.length - 1) {
    throw new ArgumentError(
      "sequential",
      `needs one start fewer than schedules, got ${starts.length} and ${schedules.length}`,
    );
  }
  if (!milestones.holds(starts)) {
    throw new ArgumentError("sequential", `starts must be ${milestones.text}, got ${starts.join(", ")}`);
  }
  return (step) => {
    const i = starts.filter((start) => start <= step).length;
    return (schedules[i] as Schedule)(step - (starts[i - 1] ?? 0));
  };
};

/** Any function of the step, checked where it is used. */
export const rateAt = (schedule: Schedule, step: number): number => {
  const rate = schedule(step);
  if (!finite.holds(rate) || rate < 0) {
    throw new ArgumentError("schedule", `gave ${rate} for step ${step}`, "give a finite number >= 0");
  }
  return rate;
};
