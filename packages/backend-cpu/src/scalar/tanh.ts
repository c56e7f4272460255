import { v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { expm1 } from "./exp.ts";
import type { FloatLanes } from "./floatLanes.ts";
import { horner } from "./polynomial.ts";
import type { Scope } from "./scope.ts";

/** tanh(x / 2) = x P(x^2) / Q(x^2), to 8e-9 where the error matters to tanh(x). */
const numerator = [0.5, 0.0148852173435, 0.0000570900319581];
const denominator = [1, 0.113103732371, 0.00120619509581, 0.00000122742016191];

/** A function that is odd: of the absolute value, with 1 above `most`; then the sign. */
export const oddUntilOne = (F: FloatLanes, s: Scope, a: V128, most: number, formula: (size: V128) => V128): V128 => {
  const x = s.keep(a);
  const size = s.keep(F.abs(x));
  const value = v128.bitselect(F.const(1), formula(size), F.gt(size, F.const(most)));
  return v128.or(value, v128.and(x, F.const(-0)));
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

/** By a rational function in float32; e / (e + 2) with e = expm1(2 |x|) in float64. */
export const tanh = (F: FloatLanes, s: Scope, a: V128): V128 => {
  if (F.type === "float32") return oddUntilOne(F, s, a, 9.01, (x) => doubledAngle(F, s, x, numerator, denominator));
  return oddUntilOne(F, s, a, 20, (x) => {
    const e = s.keep(expm1(F, s, F.add(x, x)));
    return F.div(e, F.add(e, F.const(2)));
  });
};
