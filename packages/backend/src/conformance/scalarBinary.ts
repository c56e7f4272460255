import type { ComputeType } from "../dtype.ts";
import type { BinaryOp, ComparisonOp } from "../expression.ts";
import { binaryTypes, comparisonTypes } from "../operands.ts";
import type { Case, Tolerance } from "./case.ts";
import { exact, fused, operand } from "./case.ts";
import { createRandom, listed } from "./random.ts";

/** How an operation is tried on floats: pairs from two ranges, and all pairs of special values. */
interface BinaryRow {
  readonly ranges: readonly [readonly [number, number], readonly [number, number]];
  readonly tolerance: Tolerance;
  readonly special?: readonly number[];
  readonly signedZeros?: true;
}

type Pair = readonly [number, number];

const few: Tolerance = { ulps: 4, absolute: 0 };
const wide = [-1000, 1000] as const;
const unusual = [0, -0, Number.NaN, Infinity, -Infinity, 1, -1];
const special = [...unusual, 0.5, -2.5, 3, 2, 3e38, -3e38, 1e-30];
const moderate = [...unusual, 0.5, -2.5, 3, 2, 100.25, -7];
const arithmetic: BinaryRow = { ranges: [wide, wide], tolerance: exact, special, signedZeros: true };
const integerOnly: BinaryRow = { ranges: [wide, wide], tolerance: exact };

const rows: Readonly<Record<BinaryOp, BinaryRow>> = {
  add: arithmetic,
  sub: arithmetic,
  mul: arithmetic,
  div: arithmetic,
  rem: {
    ranges: [
      [-50, 50],
      [0.25, 7],
    ],
    tolerance: exact,
    special: moderate,
  },
  pow: {
    ranges: [
      [0.1, 4],
      [-4, 4],
    ],
    tolerance: { ulps: 16, absolute: 0 },
    special: moderate,
  },
  atan2: {
    ranges: [
      [-4, 4],
      [-4, 4],
    ],
    tolerance: few,
    special: moderate,
    signedZeros: true,
  },
  min: { ranges: [wide, wide], tolerance: exact, special },
  max: { ranges: [wide, wide], tolerance: exact, special },
  and: integerOnly,
  or: integerOnly,
  xor: integerOnly,
  shl: integerOnly,
  shr: integerOnly,
};

const integers = [0, 1, -1, 2, 3, -7, 10, 31, 32, 33, 100, 46341, 65536, 2147483647, -2147483648];

const pairs = (values: readonly number[]): Pair[] => values.flatMap((a) => values.map((b): Pair => [a, b]));

const drawn = ([[low0, high0], [low1, high1]]: BinaryRow["ranges"]): Pair[] => {
  const random = createRandom(11);
  return Array.from({ length: 101 }, () => [low0 + (high0 - low0) * random(), low1 + (high1 - low1) * random()]);
};

/** Pairs of values that every type should be tried with. */
const pairsOf = (type: ComputeType): Pair[] =>
  type === "bool" ? pairs([0, 1]) : pairs(type === "uint32" ? integers.map((x) => x >>> 0) : integers);

const apply = (
  name: string,
  op: BinaryOp | ComparisonOp,
  type: ComputeType,
  list: readonly Pair[],
  tolerance: Tolerance,
  signedZeros = false,
): Case =>
  fused(
    name,
    { kind: "map" },
    [list.length],
    [0, 1].map((side) => operand(type, [list.length], listed(list.map((pair) => pair[side] as number)))),
    (n) =>
      op in comparisonTypes
        ? n.compare(op as ComparisonOp, n.load(0), n.load(1))
        : n.binary(op as BinaryOp, n.load(0), n.load(1)),
    { tolerance, signedZeros },
  );

const binaryCases = (op: BinaryOp, type: ComputeType): Case[] => {
  const row = rows[op];
  const name = `scalar/${op}/${type}`;
  if (type !== "float32" && type !== "float64") return [apply(name, op, type, pairsOf(type), exact)];
  return [
    apply(name, op, type, drawn(row.ranges), row.tolerance),
    apply(`${name}/special`, op, type, pairs(row.special ?? []), row.tolerance, row.signedZeros),
  ];
};

/** One entry per operation, for every type that it takes. */
export const binary = Object.fromEntries(
  (Object.keys(rows) as BinaryOp[]).map((op) => [
    op,
    () => (binaryTypes[op] as readonly ComputeType[]).flatMap((type) => binaryCases(op, type)),
  ]),
) as Record<BinaryOp, () => Case[]>;

/** One entry per comparison, for every type that it takes. */
export const comparisons = Object.fromEntries(
  (Object.keys(comparisonTypes) as ComparisonOp[]).map((op) => [
    op,
    () =>
      (comparisonTypes[op] as readonly ComputeType[]).map((type) =>
        apply(
          `scalar/${op}/${type}`,
          op,
          type,
          type === "float32" || type === "float64" ? pairs(special) : pairsOf(type),
          exact,
        ),
      ),
  ]),
) as Record<ComparisonOp, () => Case[]>;
