import type { ComputeType } from "./dtype.ts";
import type { BinaryOp, ComparisonOp, Reduction, UnaryOp } from "./expression.ts";

const floats = ["float32", "float64"] as const;
const integers = ["int32", "uint32"] as const;
const numbers = [...floats, ...integers] as const;
const logical = [...integers, "bool"] as const;
const all = [...numbers, "bool"] as const;

type Types = readonly ComputeType[];

/** The argument types that each operation takes. */
export const unaryTypes = {
  neg: numbers,
  abs: numbers,
  sign: numbers,
  not: logical,
  floor: floats,
  ceil: floats,
  round: floats,
  trunc: floats,
  sqrt: floats,
  exp: floats,
  expm1: floats,
  log: floats,
  log1p: floats,
  sin: floats,
  cos: floats,
  atan: floats,
  tanh: floats,
  erf: floats,
} as const satisfies Record<UnaryOp, Types>;

/** The argument types that each operation takes. */
export const binaryTypes = {
  add: numbers,
  sub: numbers,
  mul: numbers,
  div: numbers,
  rem: numbers,
  pow: numbers,
  atan2: floats,
  min: numbers,
  max: numbers,
  and: logical,
  or: logical,
  xor: logical,
  shl: integers,
  shr: integers,
} as const satisfies Record<BinaryOp, Types>;

/** The argument types that each comparison takes. */
export const comparisonTypes = {
  eq: all,
  ne: all,
  lt: numbers,
  le: numbers,
  gt: numbers,
  ge: numbers,
} as const satisfies Record<ComparisonOp, Types>;

/** The argument types that each reduction takes. */
export const reductionTypes = {
  sum: numbers,
  prod: numbers,
  max: numbers,
  min: numbers,
  argmax: numbers,
  argmin: numbers,
  any: ["bool"],
  all: ["bool"],
} as const satisfies Record<Reduction, Types>;

/** The types between which `bitcast` goes. */
export const bitcastTypes = ["float32", "int32", "uint32"] as const satisfies Types;
