import { f32, f64, i32, i64 } from "../wasm/numeric.ts";
import { f32x4, f64x2, i8x16, i32x4, i64x2, v128 } from "../wasm/simd.ts";
import type { Local, V128 } from "../wasm/value.ts";
import { roundingConstant } from "./exp.ts";
import { type FloatLanes, float64Lanes } from "./floatLanes.ts";
import { joinHalves, upperHalf } from "./integers.ts";
import { largeAngle } from "./largeAngle.ts";
import { polynomial } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

/** `x = quadrant pi / 2 + high + low`; the quadrant's last two bits count. */
interface Angle {
  readonly high: V128;
  /** Undefined where the type's precision does not need it. */
  readonly low: V128 | undefined;
  readonly quadrant: V128;
}

/** Larger angles are reduced by `largeAngle`. */
const most = { float32: 2 ** 22, float64: 2 ** 20 };

const D = float64Lanes;
/** pi / 2 in parts of 25 and 53 bits, and in parts of 33 bits. */
const twoParts = [1.5707963109016418, 1.5893254773528196e-8] as const;
const threeParts = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32] as const;

const nearestQuadrant = (s: Scope, x: V128): { rounded: V128; n: V128 } => {
  const magic = roundingConstant(D);
  const rounded = s.keep(D.add(D.mul(x, D.const(2 / Math.PI)), D.const(magic)));
  return { rounded, n: s.keep(D.sub(rounded, D.const(magic))) };
};

/** Float32 angles are reduced in float64, where two parts of pi / 2 are enough. */
const reduce32 = (s: Scope, x: V128): Angle => {
  const half = (v: V128): { rest: V128; rounded: V128 } => {
    const wide = s.keep(f64x2.promoteLowF32x4(v));
    const { rounded, n } = nearestQuadrant(s, wide);
    const near = D.sub(wide, D.mul(n, D.const(twoParts[0])));
    return { rest: f32x4.demoteF64x2Zero(D.sub(near, D.mul(n, D.const(twoParts[1])))), rounded };
  };
  const low = half(x);
  const high = s.lanes === 4 ? half(upperHalf(x)) : low;
  const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
  return {
    high: joinHalves(low.rest, high.rest),
    low: undefined,
    quadrant: i8x16.shuffle(low.rounded, high.rounded, lowWords),
  };
};

/** Float64 angles less n pi / 2 in three exact steps (Cody and Waite, 1980), with what the last one rounds off. */
const reduce64 = (s: Scope, x: V128): Angle => {
  const { rounded, n } = nearestQuadrant(s, x);
  const [first, second, third, rest] = threeParts;
  const near = s.keep(D.sub(x, D.mul(n, D.const(first))));
  const step = s.keep(D.mul(n, D.const(second)));
  const nearer = s.keep(D.sub(near, step));
  const back = s.keep(D.sub(near, nearer));
  // near - step = nearer + lost, exactly.
  const lost = D.add(D.sub(near, D.add(nearer, back)), D.sub(back, step));
  const small = s.keep(D.sub(lost, D.add(D.mul(n, D.const(third)), D.mul(n, D.const(rest)))));
  const high = s.keep(D.add(nearer, small));
  return { high, low: s.keep(D.sub(small, D.sub(high, nearer))), quadrant: rounded };
};

/** Replaces the lanes of large angles. */
const reduceLarge = (
  F: FloatLanes,
  s: Scope,
  x: V128,
  angle: Record<"high" | "low" | "quadrant", Local<"v128">>,
): void => {
  const { f, module } = s;
  const large = s.keep(v128.not(F.le(F.abs(x), F.const(most[F.type]))));
  f.if(v128.anyTrue(large), () => {
    for (let lane = 0; lane < s.lanes; lane++) {
      if (F.type === "float32") {
        const value = f.local("f64", f64.promoteF32(f32x4.extractLane(x, lane)));
        f.if(i32x4.extractLane(large, lane), () => {
          const high = largeAngle(module, f, value, "high");
          const quadrant = largeAngle(module, f, value, "quadrant");
          f.set(angle.high, f32x4.replaceLane(angle.high, lane, f32.demoteF64(high)));
          f.set(angle.quadrant, i32x4.replaceLane(angle.quadrant, lane, i32.truncSatF64S(quadrant)));
        });
      } else {
        const value = f.local("f64", f64x2.extractLane(x, lane));
        f.if(i64.ne(i64x2.extractLane(large, lane), i64.const(0n)), () => {
          f.set(angle.high, f64x2.replaceLane(angle.high, lane, largeAngle(module, f, value, "high")));
          f.set(angle.low, f64x2.replaceLane(angle.low, lane, largeAngle(module, f, value, "low")));
          const quadrant = i64.truncSatF64S(largeAngle(module, f, value, "quadrant"));
          f.set(angle.quadrant, i64x2.replaceLane(angle.quadrant, lane, quadrant));
        });
      }
    }
  });
};

/** Minimax coefficients of (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 in r^2 for |r| <= pi / 4. */
const facts = {
  float32: {
    sine: [-0.16666654936689226, 0.008332177686160264, -0.00019517234654579173],
    cosine: [0.041666646854617906, -0.001388736691071502, 0.00002443837955071029],
  },
  float64: {
    sine: [
      -0.16666666666666632, 0.008333333333322413, -0.0001984126982980783, 0.0000027557313691924606,
      -2.505075811624782e-8, 1.5896795707506886e-10,
    ],
    cosine: [
      0.0416666666666666, -0.0013888888888874125, 0.000024801587289482174, -2.7557314352328286e-7,
      2.0875723272501897e-9, -1.1359647761725295e-11,
    ],
  },
};

/** sin(x + shift pi / 2) */
const wave = (F: FloatLanes, s: Scope, a: V128, shift: 0 | 1): V128 => {
  const x = s.keep(a);
  const reduced = F.type === "float32" ? reduce32(s, x) : reduce64(s, x);
  const angle = {
    high: s.variable(reduced.high),
    low: reduced.low === undefined ? s.variable(F.const(0)) : s.variable(reduced.low),
    quadrant: s.variable(reduced.quadrant),
  };
  reduceLarge(F, s, x, angle);
  const r = angle.high;
  const low = F.type === "float64" ? angle.low : undefined;
  const quadrant = shift === 0 ? angle.quadrant : s.keep(F.int.add(angle.quadrant, F.int.const(1)));
  const square = s.keep(F.mul(r, r));
  const cube = F.mul(r, square);
  const { sine, cosine } = facts[F.type];
  const bend = F.mul(cube, polynomial(F, s, square, sine));
  const half = s.keep(F.mul(square, F.const(0.5)));
  const one = s.keep(F.sub(F.const(1), half));
  const curve = F.mul(F.mul(square, square), polynomial(F, s, square, cosine));
  let sin: V128;
  let cos: V128;
  if (low === undefined) {
    sin = F.add(r, bend);
    cos = F.add(one, F.add(F.sub(F.sub(F.const(1), one), half), curve));
  } else {
    // sin(r + low) = sin r + low cos r, cos(r + low) = cos r - low sin r
    sin = F.add(r, F.add(bend, F.sub(low, F.mul(low, half))));
    cos = F.add(one, F.add(F.sub(F.sub(F.const(1), one), half), F.sub(curve, F.mul(r, low))));
  }
  const odd = F.int.eq(v128.and(quadrant, F.int.const(1)), F.int.const(1));
  const value = v128.bitselect(cos, sin, odd);
  const negative = F.int.shl(v128.and(quadrant, F.int.const(2)), F.type === "float32" ? 30 : 62);
  const result = v128.xor(value, negative);
  // sin(-0) = -0, which the reduction loses.
  return shift === 0 ? v128.bitselect(x, result, F.eq(x, F.const(0))) : result;
};

export const sin = (F: FloatLanes, s: Scope, a: V128): V128 => wave(F, s, a, 0);
export const cos = (F: FloatLanes, s: Scope, a: V128): V128 => wave(F, s, a, 1);
