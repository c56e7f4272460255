import type { BinaryOp, binaryTypes, ComparisonOp, comparisonTypes, UnaryOp, unaryTypes } from "@gradloom/backend";
import { i32x4, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { atan, atan2 } from "./atan.ts";
import { erf } from "./erf.ts";
import { exp, expm1 } from "./exp.ts";
import { type FloatLanes, float32Lanes, float64Lanes } from "./floatLanes.ts";
import {
  divide,
  power as integerPower,
  remainder as integerRemainder,
  type ShiftCount,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
} from "./integers.ts";
import { log, log1p } from "./log.ts";
import { pow } from "./pow.ts";
import { remainder } from "./remainder.ts";
import type { Scope } from "./scope.ts";
import { cos, sin } from "./sine.ts";
import { tanh } from "./tanh.ts";

type UnaryTypes = { readonly [Op in UnaryOp]: (typeof unaryTypes)[Op][number] };
type BinaryTypes = { readonly [Op in BinaryOp]: (typeof binaryTypes)[Op][number] };
type ComparisonTypes = { readonly [Op in ComparisonOp]: (typeof comparisonTypes)[Op][number] };

export type Unary = (s: Scope, a: V128) => V128;
/** `constant` is the second argument's value where it is known. */
export type Binary = (s: Scope, a: V128, b: V128, constant?: number) => V128;

const int = (n: number): V128 => i32x4.const(n, n, n, n);

/** One formula for both float types. */
const floats = <F extends readonly unknown[]>(formula: (F: FloatLanes, s: Scope, ...args: F) => V128) => ({
  float32: (s: Scope, ...args: F): V128 => formula(float32Lanes, s, ...args),
  float64: (s: Scope, ...args: F): V128 => formula(float64Lanes, s, ...args),
});
const same = <T>(row: T) => ({ int32: row, uint32: row });
const bits = <T>(row: T) => ({ int32: row, uint32: row, bool: row });

const not: Unary = (_, a) => v128.not(a);
const and: Binary = (_, a, b) => v128.and(a, b);
const or: Binary = (_, a, b) => v128.or(a, b);
const xor: Binary = (_, a, b) => v128.xor(a, b);
const counts = (lanes: V128, constant: number | undefined): ShiftCount => ({ lanes, constant });

export const unaryTable: { readonly [Op in UnaryOp]: { readonly [T in UnaryTypes[Op]]: Unary } } = {
  neg: { ...floats((F, _, a: V128) => F.neg(a)), ...same<Unary>((_, a) => i32x4.neg(a)) },
  abs: {
    ...floats((F, _, a: V128) => F.abs(a)),
    int32: (_, a) => i32x4.abs(a),
    uint32: (_, a) => a,
  },
  sign: {
    ...floats((F, s, a: V128) => {
      const x = s.keep(a);
      const unit = v128.or(F.const(1), v128.and(x, F.const(-0)));
      const moved = v128.or(F.lt(x, F.const(0)), F.gt(x, F.const(0)));
      return v128.bitselect(unit, x, moved);
    }),
    int32: (_, a) => i32x4.maxS(i32x4.minS(a, int(1)), int(-1)),
    uint32: (_, a) => i32x4.minU(a, int(1)),
  },
  not: bits(not),
  floor: floats((F, _, a: V128) => F.floor(a)),
  ceil: floats((F, _, a: V128) => F.ceil(a)),
  round: floats((F, _, a: V128) => F.nearest(a)),
  trunc: floats((F, _, a: V128) => F.trunc(a)),
  sqrt: floats((F, _, a: V128) => F.sqrt(a)),
  exp: floats(exp),
  expm1: floats(expm1),
  log: floats(log),
  log1p: floats(log1p),
  sin: floats(sin),
  cos: floats(cos),
  atan: floats(atan),
  tanh: floats(tanh),
  erf: floats(erf),
};

const known = (constant: number | undefined): boolean => constant !== undefined && !Number.isNaN(constant);

export const binaryTable: { readonly [Op in BinaryOp]: { readonly [T in BinaryTypes[Op]]: Binary } } = {
  add: { ...floats((F, _, a: V128, b: V128) => F.add(a, b)), ...same<Binary>((_, a, b) => i32x4.add(a, b)) },
  sub: { ...floats((F, _, a: V128, b: V128) => F.sub(a, b)), ...same<Binary>((_, a, b) => i32x4.sub(a, b)) },
  mul: { ...floats((F, _, a: V128, b: V128) => F.mul(a, b)), ...same<Binary>((_, a, b) => i32x4.mul(a, b)) },
  div: { ...floats((F, _, a: V128, b: V128) => F.div(a, b)), int32: divide(true), uint32: divide(false) },
  rem: { ...floats(remainder), int32: integerRemainder(true), uint32: integerRemainder(false) },
  pow: { ...floats(pow), int32: integerPower(true), uint32: integerPower(false) },
  atan2: floats(atan2),
  min: {
    // A second argument that is no NaN needs the one-instruction form only.
    ...floats((F, _, a: V128, b: V128, c?: number) => (known(c) && c !== 0 ? F.pmin(a, b) : F.min(a, b))),
    int32: (_, a, b) => i32x4.minS(a, b),
    uint32: (_, a, b) => i32x4.minU(a, b),
  },
  max: {
    ...floats((F, _, a: V128, b: V128, c?: number) => (known(c) && c !== 0 ? F.pmax(a, b) : F.max(a, b))),
    int32: (_, a, b) => i32x4.maxS(a, b),
    uint32: (_, a, b) => i32x4.maxU(a, b),
  },
  and: bits(and),
  or: bits(or),
  xor: bits(xor),
  shl: same<Binary>((s, a, b, c) => shiftLeft(s, a, counts(b, c))),
  shr: {
    int32: (s, a, b, c) => shiftRightSigned(s, a, counts(b, c)),
    uint32: (s, a, b, c) => shiftRight(s, a, counts(b, c)),
  },
};

export type Comparison = (a: V128, b: V128) => V128;

const floatComparisons = (op: ComparisonOp) => ({
  float32: (a: V128, b: V128) => float32Lanes[op](a, b),
  float64: (a: V128, b: V128) => float64Lanes.toBool(float64Lanes[op](a, b)),
});

/** Comparisons by the type of their arguments. */
export const comparisonTable: { readonly [Op in ComparisonOp]: { readonly [T in ComparisonTypes[Op]]: Comparison } } = {
  eq: { ...floatComparisons("eq"), ...bits(i32x4.eq) },
  ne: { ...floatComparisons("ne"), ...bits(i32x4.ne) },
  lt: { ...floatComparisons("lt"), int32: i32x4.ltS, uint32: i32x4.ltU },
  le: { ...floatComparisons("le"), int32: i32x4.leS, uint32: i32x4.leU },
  gt: { ...floatComparisons("gt"), int32: i32x4.gtS, uint32: i32x4.gtU },
  ge: { ...floatComparisons("ge"), int32: i32x4.geS, uint32: i32x4.geU },
};
