import { i32 } from "../wasm/numeric.ts";
import { v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { expm1 } from "./exp.ts";
import type { FloatLanes } from "./floatLanes.ts";
import { horner } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

/** tanh(x / 2) = x P(x^2) / Q(x^2), to 8e-9 where the error matters to tanh(x). */
const numerator = [0.5, 0.0148852173435, 0.0000570900319581];
const denominator = [1, 0.113103732371, 0.00120619509581, 0.00000122742016191];

/** An odd function that is 1 above `most`; `formula` holds below. */
export const oddUntilOne = (F: FloatLanes, s: Scope, a: V128, most: number, formula: (x: V128) => V128): V128 => {
  const x = s.keep(a);
  const result = s.variable(formula(x));
  const lanes = F.type === "float32" ? 15 : 3;
  s.f.if(i32.ne(F.int.bitmask(F.lt(F.abs(x), F.const(most))), lanes), () => {
    const one = v128.or(v128.and(x, F.const(-0)), F.const(1));
    s.f.set(result, v128.bitselect(one, result, F.ge(F.abs(x), F.const(most))));
  });
  return result;
};

/**
 * 2 t / (1 + t^2) of a rational function t = x P(x^2) / Q(x^2). The steeper the function, the less an error of t matters, which
 * saves half of the coefficients that the function itself would need.
 */
export const doubledAngle = (
  F: FloatLanes,
  s: Scope,
  x: V128,
  numerator: readonly number[],
  denominator: readonly number[],
): V128 => {
  const square = s.keep(F.mul(x, x));
  const top = s.keep(F.mul(x, horner(F, s, square, numerator)));
  const bottom = s.keep(horner(F, s, square, denominator));
  return F.div(F.mul(F.add(top, top), bottom), F.madd(s, top, top, F.mul(bottom, bottom)));
};

/** By a rational function in float32; e / (e + 2) with e = expm1(2 x) in float64. */
export const tanh = (F: FloatLanes, s: Scope, a: V128): V128 => {
  if (F.type === "float32") return oddUntilOne(F, s, a, 9.01, (x) => doubledAngle(F, s, x, numerator, denominator));
  return oddUntilOne(F, s, a, 20, (x) => {
    const e = s.keep(expm1(F, s, F.add(x, x)));
    return F.div(e, F.add(e, F.const(2)));
  });
};
