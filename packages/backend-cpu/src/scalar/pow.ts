import { f32x4, f64x2, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { roundingConstant } from "./exp.ts";
import { type FloatLanes, float64Lanes } from "./floatLanes.ts";
import { inHalves } from "./integers.ts";
import { splitExponent } from "./log.ts";
import { polynomial } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

const D = float64Lanes;

/** A number as an unevaluated sum, the second part below the rounding of the first. */
interface Pair {
  readonly high: V128;
  readonly low: V128;
}

/** a + b for |a| >= |b| or a = 0. */
const quickSum = (s: Scope, a: V128, b: V128): Pair => {
  const x = s.keep(a);
  const y = s.keep(b);
  const high = s.keep(D.add(x, y));
  return { high, low: s.keep(D.sub(y, D.sub(high, x))) };
};

/** The product of two floats, exactly (Dekker, 1971). */
const product = (s: Scope, a: V128, b: V128): Pair => {
  const x = s.keep(a);
  const y = s.keep(b);
  const split = (v: V128): Pair => {
    // The upper 26 bits; clearing bits works for large numbers too.
    const high = s.keep(v128.and(v, D.int.const(-(1n << 27n))));
    return { high, low: s.keep(D.sub(v, high)) };
  };
  const p = split(x);
  const q = split(y);
  const high = s.keep(D.mul(x, y));
  const cross = D.add(D.sub(D.mul(p.high, q.high), high), D.mul(p.high, q.low));
  return { high, low: s.keep(D.add(D.add(cross, D.mul(p.low, q.high)), D.mul(p.low, q.low))) };
};

const times = (s: Scope, a: Pair, b: Pair): Pair => {
  const exact = product(s, a.high, b.high);
  return quickSum(s, exact.high, D.add(exact.low, D.add(D.mul(a.high, b.low), D.mul(a.low, b.high))));
};

const constant = (high: number, low: number): Pair => ({ high: D.const(high), low: D.const(low) });

/** 1 / ln 2 and 2 / 3 in two parts. */
const log2e = constant(Math.LOG2E, 2.0355273740931033e-17);
const twoThirds = constant(2 / 3, 3.700743415417189e-17);
/** (2 atanh(t) - 2 t - 2/3 t^3) / t^5 in t^2. */
const series = [
  0.39999999999780655, 0.2857142867202836, 0.22222205026425979, 0.1818325809846297, 0.15321310613342468,
  0.14727905722179432,
];

/** log2(x) of finite x > 0 to some 66 bits: e + 2 atanh(t) / ln 2 with t = f / (2 + f). */
const log2Pair = (s: Scope, x: V128): Pair => {
  const tiny = s.keep(D.lt(x, D.const(2 ** -1022)));
  const normal = s.keep(v128.bitselect(D.mul(x, D.const(2 ** 52)), x, tiny));
  const { exponent: scaled, f } = splitExponent(D, s, normal);
  const exponent = s.keep(D.sub(scaled, v128.and(tiny, D.const(52))));
  const divisor = s.keep(D.add(f, D.const(2)));
  const lost = D.sub(f, D.sub(divisor, D.const(2)));
  const high = s.keep(D.div(f, divisor));
  const back = product(s, high, divisor);
  const rest = D.sub(D.sub(D.sub(f, back.high), back.low), D.mul(high, lost));
  const t: Pair = { high, low: s.keep(D.div(rest, divisor)) };
  const square = times(s, t, t);
  const cube = times(s, times(s, square, t), twoThirds);
  const fifth = D.mul(D.mul(square.high, square.high), D.mul(t.high, polynomial(D, s, square.high, series)));
  const double = quickSum(s, D.add(t.high, t.high), cube.high);
  const small = D.add(D.add(double.low, D.add(t.low, t.low)), D.add(cube.low, fifth));
  const logarithm = times(s, quickSum(s, double.high, small), log2e);
  const sum = quickSum(s, exponent, logarithm.high);
  // Where the exponent is 0 the sum is the logarithm itself; both orders are exact then.
  return quickSum(s, sum.high, D.add(sum.low, logarithm.low));
};

/** (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2. */
const expSeries = [
  0.5, 0.16666666666666666, 0.04166666666666669, 0.008333333333333333, 0.0013888888888871633, 0.00019841269841265423,
  0.000024801587350653504, 0.0000027557319241586305, 2.755725140405275e-7, 2.505207709915656e-8, 2.092174588967954e-9,
  1.6084414751913018e-10,
];

/** 2^(high + low) for |high| <= 1100. */
const exp2 = (s: Scope, { high, low }: Pair): V128 => {
  const magic = roundingConstant(D);
  const half = s.keep(D.add(D.mul(high, D.const(0.5)), D.const(magic)));
  const whole = s.keep(D.sub(half, D.const(magic)));
  const fraction = D.add(D.sub(high, D.add(whole, whole)), low);
  // Up to 1 in size after halving, so the square of e^(r / 2) is taken.
  const r = s.keep(D.mul(fraction, D.const(Math.LN2 / 2)));
  const root = s.keep(D.madd(s, D.mul(r, r), polynomial(D, s, r, expSeries), r));
  const power = s.keep(D.int.add(D.int.shl(half, 52), D.int.const(1023n << 52n)));
  const value = D.add(D.madd(s, root, root, D.add(root, root)), D.const(1));
  return D.mul(D.mul(value, power), power);
};

/** |x|^y without the exceptions: for x from 0 to infinity, NaN where either is. */
const magnitude = (s: Scope, x: V128, y: V128): V128 => {
  const finite = log2Pair(s, x);
  const limit = v128.bitselect(D.const(-Infinity), x, D.eq(x, D.const(0)));
  const normal = s.keep(v128.and(D.gt(x, D.const(0)), D.lt(x, D.const(Infinity))));
  const high = s.keep(v128.bitselect(finite.high, limit, normal));
  const raw = product(s, high, y);
  const most = (v: V128): V128 => D.pmax(D.pmin(v, D.const(1100)), D.const(-1100));
  const low = D.add(raw.low, D.mul(finite.low, y));
  const inside = D.lt(D.abs(raw.high), D.const(1100));
  return exp2(s, { high: s.keep(most(raw.high)), low: v128.and(low, inside) });
};

/** IEEE 754's pow of float64. */
const power = (s: Scope, x: V128, y: V128): V128 => {
  const size = s.keep(D.abs(x));
  const one = D.const(1);
  const result = magnitude(s, size, y);
  const whole = D.eq(D.trunc(y), y);
  const halved = s.keep(D.mul(y, D.const(0.5)));
  const odd = s.keep(v128.andnot(s.keep(whole), D.eq(D.trunc(halved), halved)));
  const signed = v128.or(result, v128.and(v128.and(x, odd), D.const(-0)));
  const wrong = v128.andnot(v128.and(D.lt(x, D.const(0)), D.lt(size, D.const(Infinity))), D.eq(D.trunc(y), y));
  const checked = v128.or(signed, wrong);
  const unit = v128.and(D.eq(size, one), D.eq(D.abs(y), D.const(Infinity)));
  const always = v128.or(v128.or(D.eq(x, one), D.eq(y, D.const(0))), unit);
  return v128.bitselect(one, checked, always);
};

/** In float64 for both types; a few exponents are multiplied out. */
export const pow = (F: FloatLanes, s: Scope, a: V128, b: V128, constant?: number): V128 => {
  if (constant === 2) {
    const x = s.keep(a);
    return F.mul(x, x);
  }
  if (constant === 1) return a;
  if (constant === -1) return F.div(F.const(1), a);
  if (F.type === "float64") return power(s, s.keep(a), s.keep(b));
  return inHalves(s, [a, b], ([x, y]) =>
    f32x4.demoteF64x2Zero(power(s, s.keep(f64x2.promoteLowF32x4(x as V128)), s.keep(f64x2.promoteLowF32x4(y as V128)))),
  );
};
