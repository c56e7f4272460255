import type { Tensor } from "../../src/index.ts";
import type { OpRow, Sample } from "./row.ts";
import { real } from "./types.ts";
import type { Values } from "./values.ts";
import { random, shaped, zip } from "./values.ts";

/** What every elementwise row says; the rest has defaults. */
type Facts = Omit<OpRow, "samples" | "typed" | "errors" | "dtypes"> &
  Partial<Pick<OpRow, "errors" | "dtypes">> & { readonly samples?: readonly Sample[] };

interface UnaryFacts extends Facts {
  readonly op: (x: Tensor) => Tensor;
  /** The exact value in float64. */
  readonly f: (x: number) => number;
  /** Interval of the random inputs, where the function is smooth; null where it is only known at some points. */
  readonly domain?: readonly [low: number, high: number] | null;
  /** Further inputs where it is smooth. */
  readonly points?: readonly number[];
  /** Inputs where only the value is checked; by default zeros, infinities, NaN and some large and small numbers. */
  readonly edges?: readonly number[];
  /** Inputs of the element type table; they are rounded to the type. */
  readonly typed?: readonly number[];
}

const special = [0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e-30, -1e-30, 1e30, -1e30];

/** A row of an elementwise function of one tensor. */
export const unaryRow = ({ op, f, domain = [-3, 3], points = [], edges = special, ...facts }: UnaryFacts): OpRow => {
  const sample = (input: Values, more: Partial<Sample> = {}): Sample => ({
    inputs: [input],
    call: (x) => op(x as Tensor),
    expected: (x) => zip(f, x as Values),
    ...more,
  });
  const list = (data: readonly number[]): Values => shaped([data.length], data);
  return {
    dtypes: real,
    errors: [],
    ...facts,
    samples: [
      ...(domain === null
        ? []
        : [sample(random([2, 3], ...domain), { name: "random" }), sample(random([], ...domain, 2))]),
      sample(shaped([0], [])),
      ...(points.length > 0 ? [sample(list(points), { name: "points" })] : []),
      sample(list(edges), { name: "edges", smooth: false }),
      ...(facts.samples ?? []),
    ],
    typed: sample(list(facts.typed ?? [-3, -2, -1, 0, 1, 2, 3])),
  };
};

interface BinaryFacts extends Facts {
  readonly op: (a: Tensor, b: Tensor) => Tensor;
  readonly f: (a: number, b: number) => number;
  /** Intervals of the random inputs, where the function is smooth. */
  readonly domains?: readonly [readonly [low: number, high: number], readonly [low: number, high: number]];
  readonly points?: readonly (readonly [number, number])[];
  /** All pairs of these are tried; by default zeros, infinities, NaN and some numbers. */
  readonly edges?: readonly number[];
  readonly typed?: readonly (readonly [number, number])[];
}

const specialPairs = [0, -0, 1, -2.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];

const columns = (pairs: readonly (readonly [number, number])[]): [Values, Values] => [
  shaped(
    [pairs.length],
    pairs.map(([a]) => a),
  ),
  shaped(
    [pairs.length],
    pairs.map(([, b]) => b),
  ),
];

/** Pairs for the element type table: signs, zeros, and a divisor of each sign. */
const typedPairs = [
  [7, 2],
  [-7, 2],
  [7, -2],
  [-7, -2],
  [6, 3],
  [0, 5],
  [1, 1],
  [5, 1],
] as const;

/** A row of an elementwise function of two tensors that broadcast. */
export const binaryRow = ({
  op,
  f,
  domains = [
    [-3, 3],
    [-3, 3],
  ],
  points = [],
  edges = specialPairs,
  ...facts
}: BinaryFacts): OpRow => {
  const sample = (a: Values, b: Values, more: Partial<Sample> = {}): Sample => ({
    inputs: [a, b],
    call: (x, y) => op(x as Tensor, y as Tensor),
    expected: (x, y) => zip(f, x as Values, y as Values),
    ...more,
  });
  const [first, second] = domains;
  const left = (shape: number[], seed: number) => random(shape, ...first, seed);
  const right = (shape: number[], seed: number) => random(shape, ...second, seed);
  return {
    dtypes: real,
    errors: [],
    ...facts,
    samples: [
      sample(left([2, 3], 1), right([2, 3], 2)),
      sample(left([2, 3], 3), right([3], 4)),
      sample(left([3], 5), right([2, 1], 6)),
      sample(left([2, 1], 7), right([1, 3], 8)),
      sample(left([], 9), right([2, 2], 10)),
      sample(left([4], 11), right([], 12)),
      sample(left([2, 0], 13), right([2, 1], 14)),
      ...(points.length > 0 ? [sample(...columns(points), { name: "points" })] : []),
      sample(shaped([edges.length, 1], edges), shaped([edges.length], edges), { name: "edges", smooth: false }),
      ...(facts.samples ?? []),
    ],
    typed: sample(...columns(facts.typed ?? typedPairs)),
  };
};
