import { type Shape, sizeOf } from "@gradloom/backend";

/** The index spaces of a product; `outer` and `inner` are summed over. */
export const spaces = ["batch", "row", "column", "outer", "inner"] as const;
export type Space = (typeof spaces)[number];
export type Sizes = Readonly<Record<Space, Shape>>;

/** `by * coordinate`, or the entry of the list `by` at the coordinate. */
export interface Term {
  readonly space: Space;
  readonly dim: number;
  readonly by: number | readonly number[];
}

/** A whole number that follows from a position: `constant + sum(terms)`. */
export interface Affine {
  readonly constant: number;
  readonly terms: readonly Term[];
}

/** `low <= index < high`. */
export interface Check {
  readonly index: Affine;
  readonly low: number;
  readonly high: number;
}

export const term = (space: Space, dim: number, by: Term["by"] = 1): Term => ({ space, dim, by });

export const affine = (constant: number, ...terms: Term[]): Affine => ({ constant, terms });

/** `constant + sum(factors[i] * parts[i])`, with one term for each coordinate. */
export const combine = (constant: number, parts: readonly Affine[], factors: readonly number[]): Affine => {
  const terms = new Map<string, Term>();
  parts.forEach((part, i) => {
    const factor = factors[i] as number;
    if (factor === 0) return;
    constant += factor * part.constant;
    for (const one of part.terms) {
      const key = `${one.space} ${one.dim}`;
      const scaled = scale(one, factor);
      const present = terms.get(key);
      terms.set(key, present === undefined ? scaled : add(present, scaled));
    }
  });
  return { constant, terms: [...terms.values()].filter(({ by }) => by !== 0) };
};

const scale = (one: Term, factor: number): Term => ({
  ...one,
  by: typeof one.by === "number" ? one.by * factor : one.by.map((value) => value * factor),
});

const add = (a: Term, b: Term): Term => {
  if (typeof a.by === "number" && typeof b.by === "number") return { ...a, by: a.by + b.by };
  const length = Math.max(...[a.by, b.by].map((by) => (typeof by === "number" ? 0 : by.length)));
  const at = ({ by }: Term, i: number): number => (typeof by === "number" ? by * i : (by[i] as number));
  return { ...a, by: Array.from({ length }, (_, i) => at(a, i) + at(b, i)) };
};

/** The smallest and the largest value over all positions. */
export const range = ({ constant, terms }: Affine, sizes: Sizes): readonly [least: number, most: number] => {
  let [least, most] = [constant, constant];
  for (const { space, dim, by } of terms) {
    const last = Math.max(0, (sizes[space][dim] as number) - 1);
    const values = typeof by === "number" ? [0, by * last] : by;
    least += Math.min(...values);
    most += Math.max(...values);
  }
  return [least, most];
};

/** Whether a check can fail. */
export const canFail = ({ index, low, high }: Check, sizes: Sizes): boolean => {
  const [least, most] = range(index, sizes);
  return least < low || most >= high;
};

/** Whether the value changes with a space. */
export const dependsOn = ({ terms }: Affine, space: Space, sizes: Sizes): boolean =>
  terms.some((one) => one.space === space && (sizes[space][one.dim] as number) > 1);

/** The same with rows and columns exchanged. */
export const transposed = <T extends Affine>(value: T): T => ({
  ...value,
  terms: value.terms.map((one) => ({ ...one, space: other(one.space) })),
});

const other = (space: Space): Space => (space === "row" ? "column" : space === "column" ? "row" : space);

export const count = (sizes: Sizes, space: Space): number => sizeOf(sizes[space]);
