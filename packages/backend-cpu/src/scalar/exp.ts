import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import { polynomial } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

const log2e = Math.LOG2E;

/**
 * ln 2 as a sum whose first part has so few bits that small multiples of it are exact; where results leave the range of the type;
 * and minimax coefficients of (e^r - 1 - r) / r^2 for |r| <= ln 2 (`exp`) and |r| <= ln 2 / 2 (`expm1`).
 */
const facts = {
  float32: {
    ln2: [0.693359375, -0.00021219444005469057],
    normal: 86,
    most: 89,
    least: -104,
    minusOne: -18,
    exp: [
      0.5000003456183898, 0.16666614275756853, 0.04166127657491729, 0.008336098635201251, 0.0014104304211450857,
      0.00019611801415900308,
    ],
    expNear: [
      0.49999993447608637, 0.16666520631168508, 0.04166838807601518, 0.008368716929492741, 0.0013814597438222226,
    ],
    expm1: [
      0.5000000048707983, 0.16666666674427696, 0.041666345924734935, 0.008333318055395509, 0.0013941681951559304,
      0.0001988316076291941,
    ],
  },
  float64: {
    ln2: [0.6931471803691238, 1.9082149292705877e-10],
    normal: 707,
    most: 710,
    least: -746,
    minusOne: -39,
    exp: [
      0.5, 0.16666666666666652, 0.04166666666666726, 0.008333333333337842, 0.0013888888888804552,
      0.00019841269835883704, 0.000024801587354530012, 0.0000027557322291446195, 2.755730297900257e-7,
      2.5051205955114374e-8, 2.0879052959307642e-9, 1.6191420149610336e-10, 1.137824729884365e-11,
    ],
    expNear: [
      0.5000000000000011, 0.16666666666666413, 0.041666666666530155, 0.008333333333494466, 0.0013888888943630372,
      0.0001984126950657235, 0.000024801493098632217, 0.0000027557586378063306, 2.763024847658922e-7,
      2.5000060571192997e-8,
    ],
    expm1: [
      0.5, 0.16666666666666666, 0.04166666666666669, 0.008333333333333333, 0.0013888888888871633,
      0.00019841269841265423, 0.000024801587350653504, 0.0000027557319241586305, 2.755725140405275e-7,
      2.505207709915656e-8, 2.092174588967954e-9, 1.6084414751913018e-10,
    ],
  },
} as const;

/** Adding this rounds to a whole number, which then stands in the low bits. */
export const roundingConstant = (F: FloatLanes): number => 1.5 * 2 ** F.mantissa;

/** `2^k` for the whole number in the low bits of `rounded`. */
const powerOfTwo = (F: FloatLanes, rounded: V128, bias: number): V128 =>
  F.int.add(F.int.shl(rounded, F.mantissa), F.int.const(BigInt(bias) << BigInt(F.mantissa)));

/** `k` and `r` with `x = k step ln 2 + r`; the whole number `k` also as the low bits of `rounded`. */
const reduce = (F: FloatLanes, s: Scope, x: V128, step: number): { rounded: V128; rest: V128 } => {
  const magic = roundingConstant(F);
  const [high, low] = facts[F.type].ln2;
  const rounded = s.keep(F.madd(s, x, F.const(log2e / step), F.const(magic)));
  const k = s.keep(F.sub(rounded, F.const(magic)));
  const near = F.nmadd(s, k, F.const(high * step), x);
  return { rounded, rest: s.keep(F.nmadd(s, k, F.const(low * step), near)) };
};

/** e^x = 2^(2k) e^r with |r| <= ln 2: as `e^r 2^k 2^k` it needs no care for subnormal and infinite results. */
const expAnywhere = (F: FloatLanes, s: Scope, given: V128): V128 => {
  const { most, least, exp: coefficients } = facts[F.type];
  const x = s.keep(F.pmax(F.pmin(given, F.const(most)), F.const(least)));
  const { rounded, rest } = reduce(F, s, x, 2);
  const power = s.keep(powerOfTwo(F, rounded, F.bias));
  const fraction = polynomial(F, s, rest, [1, 1, ...coefficients]);
  return F.mul(F.mul(fraction, power), power);
};

/** e^x = 2^k e^r with |r| <= ln 2 / 2, whose exponent just moves by k; results that are not normal are put right where there are any. */
export const exp = (F: FloatLanes, s: Scope, a: V128): V128 => {
  const { normal, most, least, expNear } = facts[F.type];
  const x = s.keep(a);
  const { rounded, rest } = reduce(F, s, x, 1);
  const fraction = polynomial(F, s, rest, [1, 1, ...expNear]);
  const result = s.variable(F.int.add(fraction, F.int.shl(rounded, F.mantissa)));
  const lanes = F.type === "float32" ? 15 : 3;
  s.f.if(i32.ne(F.int.bitmask(F.lt(F.abs(x), F.const(normal))), lanes), () => {
    const above = v128.bitselect(F.const(Infinity), result, F.gt(x, F.const(normal)));
    const below = v128.andnot(above, F.lt(x, F.const(-normal)));
    s.f.set(result, v128.or(below, F.ne(x, x)));
    const edge = v128.and(F.ge(F.abs(x), F.const(normal)), v128.and(F.lt(x, F.const(most)), F.gt(x, F.const(least))));
    s.f.if(v128.anyTrue(edge), () => s.f.set(result, expAnywhere(F, s, x)));
  });
  return result;
};

/** e^x - 1 = 2 (2^(k-1) (e^r - 1) + 2^(k-1) - 1/2) with |r| <= ln 2 / 2. */
export const expm1 = (F: FloatLanes, s: Scope, a: V128): V128 => {
  const { most, minusOne, expm1: coefficients } = facts[F.type];
  const given = s.keep(a);
  const x = s.keep(F.pmax(F.pmin(given, F.const(most)), F.const(minusOne)));
  const { rounded, rest } = reduce(F, s, x, 1);
  const half = s.keep(powerOfTwo(F, rounded, F.bias - 1));
  const fraction = s.keep(F.madd(s, F.mul(rest, rest), polynomial(F, s, rest, coefficients), rest));
  const sum = s.keep(F.madd(s, half, fraction, F.sub(half, F.const(0.5))));
  // The result has the sign of x; this keeps that of -0.
  return v128.or(F.add(sum, sum), v128.and(given, F.const(-0)));
};
