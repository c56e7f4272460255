import { v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import { polynomial } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

/** Minimax coefficients of (atan(t) - t) / t^3 in t^2 for |t| <= tan(pi / 8), and pi / 4 as a sum of which 3 times the first part is exact. */
const facts = {
  float32: {
    series: [-0.3333331548895443, 0.19998488351490917, -0.14243826781390312, 0.10595829395175178, -0.06082994185132107],
    quarterPi: [0.785398006439209, 1.5695823932524066e-7],
    huge: 2 ** 100,
  },
  float64: {
    series: [
      -0.333333333333332, 0.19999999999954, -0.1428571428023972, 0.11111110785677508, -0.09090897822675008,
      0.07692061383444404, -0.06663117410273112, 0.05847986674175067, -0.050397427571408165, 0.038075650041570715,
      -0.017919292319292762,
    ],
    quarterPi: [0.7853981633974483, 3.061616997868383e-17],
    huge: 2 ** 1000,
  },
} as const;

const tanEighthPi = Math.SQRT2 - 1;

/** quarters * pi / 4 + sign * atan(t) with the sign as a sign bit and |t| <= tan(pi / 8). */
const assemble = (F: FloatLanes, s: Scope, ratio: V128, quarters: V128, sign: V128): V128 => {
  const { series, quarterPi } = facts[F.type];
  const t = s.keep(v128.xor(ratio, sign));
  const square = s.keep(F.mul(t, t));
  const bend = F.mul(F.mul(t, square), polynomial(F, s, square, series));
  const n = s.keep(quarters);
  return F.add(F.mul(n, F.const(quarterPi[0])), F.add(t, F.add(bend, F.mul(n, F.const(quarterPi[1])))));
};

/** Arguments above tan(pi/8) and tan(3 pi/8) are moved by pi/4 and pi/2. */
export const atan = (F: FloatLanes, s: Scope, a: V128): V128 => {
  const given = s.keep(a);
  const x = s.keep(F.abs(given));
  const above = s.keep(F.gt(x, F.const(tanEighthPi)));
  const far = s.keep(F.gt(x, F.const(tanEighthPi + 2)));
  const top = v128.bitselect(F.const(-1), F.sub(x, v128.and(above, F.const(1))), far);
  const bottom = v128.bitselect(x, F.add(F.const(1), v128.and(above, x)), far);
  const quarters = F.add(v128.and(above, F.const(1)), v128.and(far, F.const(1)));
  const size = assemble(F, s, F.div(top, bottom), quarters, F.const(0));
  return v128.or(size, v128.and(given, F.const(-0)));
};

/** The angle of the point (x, y): atan of the smaller over the larger coordinate in one eighth of the plane, then mirrored. */
export const atan2 = (F: FloatLanes, s: Scope, y: V128, x: V128): V128 => {
  const sine = s.keep(y);
  const cosine = s.keep(x);
  const up = s.keep(F.abs(sine));
  const along = s.keep(F.abs(cosine));
  const steep = s.keep(F.gt(up, along));
  const { huge } = facts[F.type];
  const larger = s.keep(v128.bitselect(up, along, steep));
  // Two infinities count as equal; large numbers are scaled so that their sum is finite.
  const infinite = s.keep(F.eq(larger, F.const(Infinity)));
  const scale = s.keep(v128.bitselect(F.const(0.25), F.const(1), F.gt(larger, F.const(huge))));
  const unit = (v: V128): V128 => {
    const scaled = F.mul(v, scale);
    return v128.bitselect(v128.and(F.eq(v, F.const(Infinity)), F.const(1)), scaled, infinite);
  };
  const far = s.keep(unit(larger));
  const near = s.keep(unit(s.keep(v128.bitselect(along, up, steep))));
  const middle = s.keep(F.gt(near, F.mul(far, F.const(tanEighthPi))));
  const top = F.sub(near, v128.and(middle, far));
  const bottom = s.keep(F.add(far, v128.and(middle, near)));
  // 0 / 0 is the angle 0.
  const divisor = v128.or(bottom, v128.and(F.eq(bottom, F.const(0)), F.const(1)));
  const back = s.keep(F.lt(v128.or(v128.and(cosine, F.const(-0)), F.const(1)), F.const(0)));
  // Mirrored at the diagonal, then at the vertical axis, each of which turns the angle's direction.
  const first = s.keep(v128.and(middle, F.const(1)));
  const second = s.keep(v128.bitselect(F.sub(F.const(2), first), first, steep));
  const third = v128.bitselect(F.sub(F.const(4), second), second, back);
  const turned = v128.and(v128.xor(steep, back), F.const(-0));
  const size = assemble(F, s, F.div(top, divisor), third, s.keep(turned));
  const undefinedMask = v128.or(F.ne(sine, sine), F.ne(cosine, cosine));
  return v128.or(v128.or(size, v128.and(sine, F.const(-0))), undefinedMask);
};
