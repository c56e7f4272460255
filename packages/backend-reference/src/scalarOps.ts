import type { BinaryOp, binaryTypes, ComparisonOp, ComputeType, UnaryOp, unaryTypes } from "@gradloom/backend";
import { erf } from "./erf.ts";

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

/** float32 and float64 share a formula: it is calculated in float64, then rounded. */
type Column<C extends ComputeType> = C extends "float32" | "float64" ? "float" : C;
type Row<C extends ComputeType, F> = { readonly [Name in Column<C>]: F };

/** The nearest value of the type; integers wrap. */
export const wrap: Readonly<Record<ComputeType, Unary>> = {
  float32: Math.fround,
  float64: (x) => x,
  int32: (x) => x | 0,
  uint32: (x) => x >>> 0,
  bool: (x) => (x ? 1 : 0),
};

const floats = <F>(f: F) => ({ float: f });
const integers = <F>(f: F) => ({ int32: f, uint32: f });
const numbers = <F>(f: F, g: F = f) => ({ ...floats(f), ...integers(g) });
const logical = <F>(f: F) => ({ ...integers(f), bool: f });

const round: Unary = (x) => {
  const below = Math.floor(x);
  const rest = x - below;
  const nearest = rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  return nearest === 0 && (x < 0 || Object.is(x, -0)) ? -0 : nearest;
};

const unary: { readonly [Op in UnaryOp]: Row<(typeof unaryTypes)[Op][number], Unary> } = {
  neg: numbers((x) => -x),
  abs: numbers(Math.abs),
  sign: numbers(Math.sign),
  not: { ...integers<Unary>((x) => ~x), bool: (x) => 1 - x },
  floor: floats(Math.floor),
  ceil: floats(Math.ceil),
  round: floats(round),
  trunc: floats(Math.trunc),
  sqrt: floats(Math.sqrt),
  exp: floats(Math.exp),
  expm1: floats(Math.expm1),
  log: floats(Math.log),
  log1p: floats(Math.log1p),
  sin: floats(Math.sin),
  cos: floats(Math.cos),
  atan: floats(Math.atan),
  tanh: floats(Math.tanh),
  erf: floats(erf),
};

/** IEEE 754 pow, which differs from JavaScript's where the base is 1 or -1. */
const floatPower: Binary = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

const integerPower: Binary = (a, b) => {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let base = a, rest = b; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
};

const inRange = (count: number): boolean => count >= 0 && count <= 31;

const binary: { readonly [Op in BinaryOp]: Row<(typeof binaryTypes)[Op][number], Binary> } = {
  add: numbers((a, b) => a + b),
  sub: numbers((a, b) => a - b),
  mul: numbers<Binary>((a, b) => a * b, Math.imul),
  div: numbers<Binary>(
    (a, b) => a / b,
    (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  ),
  rem: numbers<Binary>(
    (a, b) => a % b,
    (a, b) => (b === 0 ? 0 : a % b),
  ),
  pow: numbers(floatPower, integerPower),
  atan2: floats(Math.atan2),
  min: numbers<Binary>((a, b) => Math.min(a, b)),
  max: numbers<Binary>((a, b) => Math.max(a, b)),
  and: logical((a, b) => a & b),
  or: logical((a, b) => a | b),
  xor: logical((a, b) => a ^ b),
  shl: integers((a, b) => (inRange(b) ? a << b : 0)),
  shr: {
    int32: (a, b) => (inRange(b) ? a >> b : a < 0 ? -1 : 0),
    uint32: (a, b) => (inRange(b) ? a >>> b : 0),
  },
};

const comparison: Readonly<Record<ComparisonOp, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

const column = <F>(row: object, type: ComputeType): F =>
  (row as Record<string, F>)[type === "float32" || type === "float64" ? "float" : type] as F;

/** The operation before its result is rounded to the type. */
export const unaryFormula = (op: UnaryOp, type: ComputeType): Unary => column(unary[op], type);

/** The operation before its result is rounded to the type. */
export const binaryFormula = (op: BinaryOp, type: ComputeType): Binary => column(binary[op], type);

export const comparisonFormula = (op: ComparisonOp): ((a: number, b: number) => boolean) => comparison[op];

export const isUnary = (op: string): op is UnaryOp => Object.hasOwn(unary, op);
export const isBinary = (op: string): op is BinaryOp => Object.hasOwn(binary, op);

const words = new DataView(new ArrayBuffer(4));

const readWord = {
  float32: () => words.getFloat32(0),
  int32: () => words.getInt32(0),
  uint32: () => words.getUint32(0),
};

const writeWord = {
  float32: (x: number) => words.setFloat32(0, x),
  int32: (x: number) => words.setInt32(0, x),
  uint32: (x: number) => words.setUint32(0, x),
};

/** The same 32 bits as another type. */
export const bitcastFormula = (from: ComputeType, to: ComputeType): Unary => {
  const write = writeWord[from as keyof typeof writeWord];
  const read = readWord[to as keyof typeof readWord];
  return (x) => {
    write(x);
    return read();
  };
};
