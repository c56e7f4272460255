import type { ComputeType } from "../dtype.ts";
import type { UnaryOp } from "../expression.ts";
import { unaryTypes } from "../operands.ts";
import type { Case, Tolerance } from "./case.ts";
import { exact, fused, operand } from "./case.ts";
import { listed, uniform } from "./random.ts";

/** How an operation is tried on floats: over a range, near 0, and at special values. */
interface UnaryRow {
  readonly range: readonly [low: number, high: number];
  readonly tolerance: Tolerance;
  /** Finite special values; all rows also take the infinities, NaN and 0. */
  readonly special?: readonly number[];
  readonly signedZeros?: true;
}

const few: Tolerance = { ulps: 4, absolute: 0 };
/** Where the result passes 0 while its argument does not. */
const crossing: Tolerance = { ulps: 4, absolute: 1 };
const wide = [-1e6, 1e6] as const;
const huge = [3e38, -3e38, 1e10, -1e10, 1e-30, -1e-30];
const halves = [
  0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, 0.49999997, 4194303.5, 8388607.5, 8388609, 2147483648, -2147483904,
];
const rounding: UnaryRow = { range: wide, tolerance: exact, special: [...halves, ...huge], signedZeros: true };

const rows: Readonly<Record<UnaryOp, UnaryRow>> = {
  neg: { range: wide, tolerance: exact, special: huge, signedZeros: true },
  abs: { range: wide, tolerance: exact, special: huge, signedZeros: true },
  sign: { range: wide, tolerance: exact, special: huge },
  not: { range: wide, tolerance: exact },
  floor: rounding,
  ceil: rounding,
  round: rounding,
  trunc: rounding,
  sqrt: { range: [0, 1e4], tolerance: exact, special: [-1, 3e38, 1e-30], signedZeros: true },
  exp: { range: [-10, 10], tolerance: few, special: [88, 89, -87, 200, -200, 3e38, -3e38] },
  expm1: { range: [-5, 5], tolerance: few, special: [88, 89, 200, -20, -200, 3e38, -3e38] },
  log: { range: [0.01, 100], tolerance: crossing, special: [1, -1, 3e38, 1e-30] },
  log1p: { range: [-0.9, 10], tolerance: few, special: [-1, -2, 3e38, 1e10] },
  sin: { range: [-10, 10], tolerance: crossing },
  cos: { range: [-10, 10], tolerance: crossing },
  atan: { range: [-10, 10], tolerance: few, special: huge },
  tanh: { range: [-5, 5], tolerance: few, special: [10, -10, 88, -88, 3e38, -3e38] },
  erf: { range: [-4, 4], tolerance: few, special: [6, -6, 27, 3e38, -3e38] },
};

const tiny = [1e-3, -1e-3, 1e-5, -1e-5, 1e-8, -1e-8, 0.1, -0.1];
const integers = [0, 1, -1, 2, -2, 7, -100, 65535, 65536, 2147483647, -2147483648, -2147483647];

const unaryCases = (op: UnaryOp, type: ComputeType): Case[] => {
  const { range, tolerance, special = [], signedZeros = false } = rows[op];
  const apply = (suffix: string, values: readonly number[], chosen: Tolerance, zeros: boolean): Case =>
    fused(
      `scalar/${op}/${type}${suffix}`,
      { kind: "map" },
      [values.length],
      [operand(type, [values.length], listed(values))],
      (n) => n.unary(op, n.load(0)),
      { tolerance: chosen, signedZeros: zeros },
    );
  if (type === "bool") return [apply("", [0, 1, 1, 0, 1], exact, false)];
  if (type === "int32" || type === "uint32") {
    return [apply("", type === "int32" ? integers : integers.map((x) => x >>> 0), exact, false)];
  }
  const near = range[0] < 0 && range[1] > 0 ? tiny : [];
  return [
    apply("", [...uniform(...range, 7)(type, 100), ...near], tolerance, false),
    apply("/special", [0, -0, Number.NaN, Infinity, -Infinity, ...special], tolerance, signedZeros),
  ];
};

/** One entry per operation, for every type that it takes. */
export const unary = Object.fromEntries(
  (Object.keys(rows) as UnaryOp[]).map((op) => [
    op,
    () => (unaryTypes[op] as readonly ComputeType[]).flatMap((type) => unaryCases(op, type)),
  ]),
) as Record<UnaryOp, () => Case[]>;

/** Arguments that need careful range reduction. */
export const largeAngles = (): Case[] =>
  (["sin", "cos"] as const).flatMap((op) =>
    unaryTypes[op].map((type) =>
      fused(
        `scalar/${op}/${type}/large`,
        { kind: "map" },
        [100],
        [operand(type, [100], uniform(-30000, 30000, 3))],
        (n) => n.unary(op, n.load(0)),
        { tolerance: crossing },
      ),
    ),
  );
