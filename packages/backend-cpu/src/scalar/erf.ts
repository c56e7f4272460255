import { v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { exp } from "./exp.ts";
import type { FloatLanes } from "./floatLanes.ts";
import { polynomial } from "./polynomial.ts";
import type { Scope } from "./scope.ts";
import { doubledAngle, oddUntilOne } from "./tanh.ts";

/** erf(x) = 2 t / (1 + t^2) with t = x P(x^2) / Q(x^2), to 4e-8. */
const numerator = [0.564189602797, 0.148663182208, 0.016137779691, 0.0012699603999];
const denominator = [1, 0.278523273284, 0.0484491205828, 0.00604697910037, 0.0000988891480749];

/** erf(x) / x in powers of x^2 for |x| <= 1. */
const series = [
  1.1283791670955126, -0.3761263890318375, 0.11283791670954857, -0.02686617064507284, 0.005223977624780311,
  -0.0008548326978708817, 0.00012055331035633114, -0.000014925593475366083, 0.0000016460972294919851,
  -1.6350019523485303e-7, 1.4657840464589511e-8, -1.13655099261987e-9, 5.944991647639407e-11,
];

/** (1 - erf(x)) exp(x^2) in powers of (x - 2) / (x + 2) for 1 <= x <= 6. */
const tail = [
  0.25539567631050575, -0.4271858474139595, 0.24165819424248472, -0.07897858101548627, 0.003732892401756403,
  0.006997461724485935, -0.0008471431130171998, -0.00098197670178676, 0.00004355206313831969, 0.00017435934056012737,
  0.000027571842828114413, -0.000027609085379996895, -0.000014261624335385636, 0.0000018238854746189836,
  0.000004434216583861927, -4.4091173525455695e-7,
];

/** By a rational function in float32; in float64 by a series below 1 and 1 - exp(-x^2) p(x) above. */
export const erf = (F: FloatLanes, s: Scope, a: V128): V128 => {
  if (F.type === "float32") {
    return oddUntilOne(F, s, a, 3.925, (x) => doubledAngle(F, s, x, numerator, denominator));
  }
  return oddUntilOne(F, s, a, 5.95, (given) => {
    const x = s.keep(F.abs(given));
    const square = s.keep(F.mul(x, x));
    const near = F.mul(x, polynomial(F, s, square, series));
    const ratio = s.keep(F.div(F.sub(x, F.const(2)), F.add(x, F.const(2))));
    const far = F.sub(F.const(1), F.mul(exp(F, s, F.neg(square)), polynomial(F, s, ratio, tail)));
    const value = v128.bitselect(near, far, F.lt(x, F.const(1)));
    return v128.or(value, v128.and(given, F.const(-0)));
  });
};
