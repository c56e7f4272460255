import { f32x4, f64x2, i8x16, i32x4, i64x2, relaxed } from "../wasm/simd.ts";
import type { I32, I32Like, V128 } from "../wasm/value.ts";
import type { Scope } from "./scope.ts";

type Unary = (a: V128) => V128;
type Binary = (a: V128, b: V128) => V128;

/** The operations on vectors of one float type, so that a formula is written once for float32 and float64. */
export interface FloatLanes {
  readonly type: "float32" | "float64";
  /** Explicit bits of the significand. */
  readonly mantissa: 23 | 52;
  /** What is added to the exponent. */
  readonly bias: 127 | 1023;
  readonly const: (x: number) => V128;
  readonly abs: Unary;
  readonly neg: Unary;
  readonly sqrt: Unary;
  readonly floor: Unary;
  readonly ceil: Unary;
  readonly trunc: Unary;
  readonly nearest: Unary;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  /** NaN when either argument is. */
  readonly min: Binary;
  readonly max: Binary;
  /** `b < a ? b : a`, one instruction; keeps a NaN in `a`. */
  readonly pmin: Binary;
  /** `a < b ? b : a` */
  readonly pmax: Binary;
  /** Comparisons give masks as wide as the floats. */
  readonly eq: Binary;
  readonly ne: Binary;
  readonly lt: Binary;
  readonly le: Binary;
  readonly gt: Binary;
  readonly ge: Binary;
  /** `a * b + c`, fused where that is as fast. */
  readonly madd: (s: Scope, a: V128, b: V128, c: V128) => V128;
  /** `c - a * b` */
  readonly nmadd: (s: Scope, a: V128, b: V128, c: V128) => V128;
  /** Integers as wide as the floats. */
  readonly int: {
    readonly const: (n: number | bigint) => V128;
    readonly add: Binary;
    readonly sub: Binary;
    readonly shl: (a: V128, count: I32Like) => V128;
    readonly shrS: (a: V128, count: I32Like) => V128;
    readonly shrU: (a: V128, count: I32Like) => V128;
    readonly eq: Binary;
    readonly gtS: Binary;
    readonly bitmask: (a: V128) => I32;
  };
  /** Mask of 32-bit lanes from one as wide as the floats, and back. */
  readonly toBool: Unary;
  readonly fromBool: Unary;
}

export const float32Lanes: FloatLanes = {
  type: "float32",
  mantissa: 23,
  bias: 127,
  ...f32x4,
  const: (x) => f32x4.const(x, x, x, x),
  madd: (s, a, b, c) => (s.relaxed ? relaxed.f32x4Madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)),
  nmadd: (s, a, b, c) => (s.relaxed ? relaxed.f32x4Nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b))),
  int: {
    ...i32x4,
    const: (n) => {
      const word = Number(BigInt.asIntN(32, BigInt(n)));
      return i32x4.const(word, word, word, word);
    },
  },
  toBool: (mask) => mask,
  fromBool: (mask) => mask,
};

const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];

export const float64Lanes: FloatLanes = {
  type: "float64",
  mantissa: 52,
  bias: 1023,
  ...f64x2,
  const: (x) => f64x2.const(x, x),
  madd: (s, a, b, c) => (s.relaxed ? relaxed.f64x2Madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c)),
  nmadd: (s, a, b, c) => (s.relaxed ? relaxed.f64x2Nmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b))),
  int: {
    ...i64x2,
    const: (n) => i64x2.const(BigInt(n), BigInt(n)),
  },
  toBool: (mask) => i8x16.shuffle(mask, i64x2.const(0n, 0n), lowWords),
  fromBool: i64x2.extendLowI32x4S,
};
