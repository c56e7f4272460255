import { i32 } from "../wasm/numeric.ts";
import { f64x2, i8x16, i32x4, v128 } from "../wasm/simd.ts";
import type { I32Like, V128 } from "../wasm/value.ts";
import type { Scope } from "./scope.ts";

// 32-bit integer operations that WebAssembly has no vector instruction for.

const splat = (n: number): V128 => i32x4.const(n, n, n, n);
const zero = (): V128 => splat(0);

/** Lanes 2 and 3 in the place of 0 and 1. */
export const upperHalf = (v: V128): V128 =>
  i8x16.shuffle(v, zero(), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);

/** Lanes 0 and 1 of `low`, then lanes 0 and 1 of `high`. */
export const joinHalves = (low: V128, high: V128): V128 =>
  i8x16.shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);

/** Applies a formula on two lanes of float64 to two or four 32-bit lanes. */
export const inHalves = (s: Scope, args: readonly V128[], formula: (args: readonly V128[]) => V128): V128 => {
  const kept = args.map((arg) => s.keep(arg));
  const low = formula(kept);
  return s.lanes === 2 ? low : joinHalves(low, formula(kept.map(upperHalf)));
};

/** Quotient without its fraction; 0 for a divisor of 0. Float64 quotients of 32-bit integers, cut off, are exact. */
export const divide =
  (signed: boolean) =>
  (s: Scope, a: V128, b: V128): V128 => {
    const dividend = s.keep(a);
    const divisor = s.keep(b);
    const widen = signed ? f64x2.convertLowI32x4S : f64x2.convertLowI32x4U;
    const narrow = signed ? i32x4.truncSatF64x2SZero : i32x4.truncSatF64x2UZero;
    const quotient = inHalves(s, [dividend, divisor], ([x, y]) =>
      narrow(f64x2.div(widen(x as V128), widen(y as V128))),
    );
    const defined = v128.andnot(quotient, i32x4.eq(divisor, zero()));
    if (!signed) return defined;
    // -2^31 / -1 saturates to 2^31 - 1; subtracting the mask (-1) wraps it round.
    return i32x4.sub(defined, v128.and(i32x4.eq(dividend, splat(-(2 ** 31))), i32x4.eq(divisor, splat(-1))));
  };

/** What `divide` leaves, with the sign of the dividend; 0 for a divisor of 0. */
export const remainder =
  (signed: boolean) =>
  (s: Scope, a: V128, b: V128): V128 => {
    const dividend = s.keep(a);
    const divisor = s.keep(b);
    const quotient = divide(signed)(s, dividend, divisor);
    const rest = i32x4.sub(dividend, i32x4.mul(quotient, divisor));
    return v128.andnot(rest, i32x4.eq(divisor, zero()));
  };

/** Power by squaring, wrapping; a negative exponent leaves only the bases 1 and -1 other than 0. */
export const power =
  (signed: boolean) =>
  (s: Scope, a: V128, b: V128): V128 => {
    const base = s.keep(a);
    const exponent = s.keep(b);
    const square = s.variable(base);
    const rest = s.variable(exponent);
    const result = s.variable(splat(1));
    s.f.while(
      () => v128.anyTrue(rest),
      () => {
        const odd = i32x4.eq(v128.and(rest, splat(1)), splat(1));
        s.f.set(result, i32x4.mul(result, v128.bitselect(square, splat(1), odd)));
        s.f.set(square, i32x4.mul(square, square));
        s.f.set(rest, i32x4.shrU(rest, 1));
      },
    );
    if (!signed) return result;
    // Squaring 32 times takes the exponent as unsigned, which is right for the bases 1 and -1.
    const unit = i32x4.eq(i32x4.abs(base), splat(1));
    return v128.and(result, v128.or(unit, i32x4.geS(exponent, zero())));
  };

/** How far to shift: lanes of counts, or one constant for all. */
export interface ShiftCount {
  readonly lanes: V128;
  readonly constant: number | undefined;
}

/** Shift by counts that differ from lane to lane; `outside` is the result for counts beyond 0 to 31. */
export const shift =
  (byCount: (a: V128, count: I32Like) => V128, byLane: typeof i32.shl, outside: (a: V128) => V128) =>
  (s: Scope, a: V128, { lanes, constant }: ShiftCount): V128 => {
    if (constant !== undefined) return constant >= 0 && constant < 32 ? byCount(a, constant) : outside(a);
    const value = s.keep(a);
    const counts = s.keep(lanes);
    let shifted: V128 = zero();
    for (let lane = 0; lane < s.lanes; lane++) {
      const one = byLane(i32x4.extractLane(value, lane), i32x4.extractLane(counts, lane));
      shifted = i32x4.replaceLane(shifted, lane, one);
    }
    return v128.bitselect(shifted, outside(value), i32x4.ltU(counts, splat(32)));
  };

export const shiftLeft = shift(i32x4.shl, i32.shl, zero);
export const shiftRight = shift(i32x4.shrU, i32.shrU, zero);
export const shiftRightSigned = shift(i32x4.shrS, i32.shrS, (a) => i32x4.shrS(a, 31));

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** First word of Threefry2x32-20; see `threefry2x32` of the contract. */
export const threefry = (s: Scope, key0: V128, key1: V128, counter0: V128, counter1: V128): V128 => {
  const k0 = s.keep(key0);
  const k1 = s.keep(key1);
  const keys = [k0, k1, s.keep(v128.xor(v128.xor(k0, k1), splat(0x1bd11bda)))];
  const x0 = s.variable(i32x4.add(counter0, k0));
  const x1 = s.variable(i32x4.add(counter1, k1));
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8] as number;
    s.f.set(x0, i32x4.add(x0, x1));
    s.f.set(x1, v128.xor(v128.or(i32x4.shl(x1, r), i32x4.shrU(x1, 32 - r)), x0));
    if (round % 4 === 3) {
      const n = (round + 1) / 4;
      s.f.set(x0, i32x4.add(x0, keys[n % 3] as V128));
      // The first word of the last round needs no second one.
      if (round < 19) s.f.set(x1, i32x4.add(i32x4.add(x1, keys[(n + 1) % 3] as V128), splat(n)));
    }
  }
  return x0;
};
