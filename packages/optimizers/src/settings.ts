import { ArgumentError } from "@gradloom/tensor";

/** What a setting may be: the test, and the words that an error uses for it. */
export interface SettingRange {
  readonly holds: (value: unknown) => boolean;
  readonly text: string;
}

/** A range for every setting. */
export type SettingRanges<S> = { readonly [K in keyof S]-?: SettingRange };

/* @__NO_SIDE_EFFECTS__ */
const number = (text: string, holds: (x: number) => boolean): SettingRange => ({
  holds: (x) => typeof x === "number" && !Number.isNaN(x) && holds(x),
  text,
});

export const nonNegative: SettingRange = number("a number >= 0", (x) => x >= 0);
export const positive: SettingRange = number("a number > 0", (x) => x > 0);
export const nonPositive: SettingRange = number("a number <= 0", (x) => x <= 0);
export const finite: SettingRange = number("a finite number", Number.isFinite);
/** The decay of a moving average. */
export const decayRate: SettingRange = number("in [0, 1)", (x) => x >= 0 && x < 1);
export const fraction: SettingRange = number("in [0, 1]", (x) => x >= 0 && x <= 1);
export const count: SettingRange = number("a whole number >= 1", (x) => Number.isInteger(x) && x >= 1);
export const wholeNumber: SettingRange = number("a whole number >= 0", (x) => Number.isInteger(x) && x >= 0);
export const flag: SettingRange = { holds: (x) => typeof x === "boolean", text: "true or false" };
export const oneOf = (...values: readonly string[]): SettingRange => ({
  holds: (x) => values.includes(x as string),
  text: `one of ${values.join(", ")}`,
});
export const atLeast = (least: number): SettingRange => number(`a number >= ${least}`, (x) => x >= least);
export const orNothing = (range: SettingRange): SettingRange => ({
  holds: (x) => x === null || range.holds(x),
  text: `${range.text}, or null`,
});

/**
 * The defaults with what was given in their place.
 *
 * @throws ArgumentError for a setting that does not exist or is out of its range.
 */
export const complete = <S extends object>(
  name: string,
  defaults: S,
  ranges: SettingRanges<S>,
  given: { readonly [K in keyof S]?: S[K] | undefined },
): S => {
  const result = { ...defaults };
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(ranges, key)) {
      throw new ArgumentError(name, `has no setting ${key}`, `use ${Object.keys(ranges).join(", ")}`);
    }
    const range = ranges[key as keyof S];
    if (!range.holds(value)) throw new ArgumentError(name, `${key} must be ${range.text}, got ${String(value)}`);
    result[key as keyof S] = value as S[keyof S];
  }
  return result;
};
