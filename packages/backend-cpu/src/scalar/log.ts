import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import { polynomial } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

/** ln 2 in two parts, the bits of sqrt(1/2), the smallest normal number, and minimax coefficients of `logFraction`. */
const facts = {
  float32: {
    ln2: [0.693359375, -0.00021219444005469057],
    rootHalf: 0x3f3504f3n,
    smallest: 2 ** -126,
    // (log(1 + f) - f + f^2 / 2) / f^3 for sqrt(1/2) <= 1 + f <= sqrt(2)
    coefficients: [
      0.33333316705439875, -0.25000810353876074, 0.20002287814593883, -0.16624556149704947, 0.141811621978997,
      -0.13128712540810106, 0.1288181923895089, -0.07859908462922423,
    ],
  },
  float64: {
    ln2: [0.6931471803691238, 1.9082149292705877e-10],
    rootHalf: 0x3fe6a09e667f3bcdn,
    smallest: 2 ** -1022,
    // (2 atanh(s) - 2 s) / s^3 in powers of s^2, s = f / (2 + f)
    coefficients: [
      0.6666666666666734, 0.39999999999414326, 0.28571428742474353, 0.22222198563515919, 0.18183564865997923,
      0.15314035834860526, 0.14796105583675406,
    ],
  },
} as const;

/** log(1 + f) - f for a small f. */
const logFraction = (F: FloatLanes, s: Scope, f: V128): V128 => {
  const { coefficients } = facts[F.type];
  const square = s.keep(F.mul(f, f));
  const half = s.keep(F.mul(square, F.const(0.5)));
  if (F.type === "float32") return F.sub(F.mul(F.mul(polynomial(F, s, f, coefficients), f), square), half);
  const ratio = s.keep(F.div(f, F.add(f, F.const(2))));
  const z = s.keep(F.mul(ratio, ratio));
  const series = F.mul(polynomial(F, s, z, coefficients), z);
  return F.sub(F.mul(ratio, F.add(half, series)), half);
};

/** x = 2^exponent (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for normal x > 0. */
export const splitExponent = (F: FloatLanes, s: Scope, x: V128): { exponent: V128; f: V128 } => {
  const { rootHalf } = facts[F.type];
  const one = BigInt(F.bias) << BigInt(F.mantissa);
  const shifted = s.keep(F.int.add(x, F.int.const(one - rootHalf)));
  const fraction = v128.and(shifted, F.int.const(2n ** BigInt(F.mantissa) - 1n));
  // The exponent's bits below those of 2^mantissa make a float of it.
  const base = 2 ** F.mantissa;
  const baseBits = BigInt(F.bias + F.mantissa) << BigInt(F.mantissa);
  const biased = F.int.add(F.int.shrU(shifted, F.mantissa), F.int.const(baseBits));
  return {
    exponent: s.keep(F.sub(biased, F.const(base + F.bias))),
    f: s.keep(F.sub(F.int.add(fraction, F.int.const(rootHalf)), F.const(1))),
  };
};

/** log(x) + correction for normal x > 0; the correction is small against the last bit of x. */
const logNormal = (F: FloatLanes, s: Scope, x: V128, correction: V128 | undefined): V128 => {
  const [high, low] = facts[F.type].ln2;
  const { exponent, f } = splitExponent(F, s, x);
  let small = F.madd(s, exponent, F.const(low), logFraction(F, s, f));
  if (correction !== undefined) small = F.add(small, correction);
  return F.madd(s, exponent, F.const(high), F.add(f, small));
};

/** The value where x is normal and positive; subnormal, infinite, zero, negative and NaN lanes are put right where there are any. */
const withOthers = (F: FloatLanes, s: Scope, x: V128, value: V128, subnormal: boolean): V128 => {
  const { smallest } = facts[F.type];
  const one = BigInt(F.bias) << BigInt(F.mantissa);
  const least = F.int.const((1n << BigInt(F.mantissa)) - 1n);
  const most = F.int.const(2n * one + (1n << BigInt(F.mantissa)));
  const normal = F.int.bitmask(v128.and(F.int.gtS(x, least), F.int.gtS(most, x)));
  const result = s.variable(value);
  s.f.if(i32.ne(normal, F.type === "float32" ? 15 : 3), () => {
    if (subnormal) {
      const tiny = s.keep(v128.and(F.gt(x, F.const(0)), F.lt(x, F.const(smallest))));
      s.f.if(v128.anyTrue(tiny), () => {
        const scaled = logNormal(F, s, s.keep(F.mul(x, F.const(2 ** F.mantissa))), undefined);
        s.f.set(result, v128.bitselect(F.sub(scaled, F.const(F.mantissa * Math.LN2)), result, tiny));
      });
    }
    const above = v128.bitselect(result, x, F.lt(x, F.const(Infinity)));
    const below = v128.bitselect(F.const(-Infinity), F.const(Number.NaN), F.eq(x, F.const(0)));
    s.f.set(result, v128.bitselect(above, below, F.gt(x, F.const(0))));
  });
  return result;
};

export const log = (F: FloatLanes, s: Scope, a: V128): V128 => {
  const x = s.keep(a);
  return withOthers(F, s, x, logNormal(F, s, x, undefined), true);
};

/** log(1 + x): the logarithm of the rounded sum, corrected by what rounding lost. */
export const log1p = (F: FloatLanes, s: Scope, a: V128): V128 => {
  const x = s.keep(a);
  const sum = s.keep(F.add(x, F.const(1)));
  const back = s.keep(F.sub(sum, F.const(1)));
  const lost = F.add(F.sub(F.const(1), F.sub(sum, back)), F.sub(x, back));
  const value = withOthers(F, s, sum, logNormal(F, s, sum, F.div(lost, sum)), false);
  return v128.bitselect(x, value, F.eq(x, F.const(0)));
};
