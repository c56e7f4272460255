import { ArgumentError } from "@gradloom/tensor";

/** What a setting may be: the test, and the words that an error uses for it. */
export interface Range {
  readonly holds: (value: unknown) => boolean;
  readonly text: string;
}

/** A range for every setting. */
export type Ranges<S> = { readonly [K in keyof S]-?: Range };

const number = (text: string, holds: (x: number) => boolean): Range => ({
  holds: (x) => typeof x === "number" && !Number.isNaN(x) && holds(x),
  text,
});

export const nonNegative: Range = number("a number >= 0", (x) => x >= 0);
export const positive: Range = number("a number > 0", (x) => x > 0);
export const nonPositive: Range = number("a number <= 0", (x) => x <= 0);
export const finite: Range = number("a finite number", Number.isFinite);
/** The decay of a moving average. */
export const decayRate: Range = number("in [0, 1)", (x) => x >= 0 && x < 1);
export const fraction: Range = number("in [0, 1]", (x) => x >= 0 && x <= 1);
export const count: Range = number("a whole number >= 1", (x) => Number.isInteger(x) && x >= 1);
export const wholeNumber: Range = number("a whole number >= 0", (x) => Number.isInteger(x) && x >= 0);
export const flag: Range = { holds: (x) => typeof x === "boolean", text: "true or false" };
export const oneOf = (...values: readonly string[]): Range => ({
  holds: (x) => values.includes(x as string),
  text: `one of ${values.join(", ")}`,
});
export const atLeast = (least: number): Range => number(`a number >= ${least}`, (x) => x >= least);
export const orNothing = (range: Range): Range => ({
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
  ranges: Ranges<S>,
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
