import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import type { Scope } from "./scope.ts";

/**
 * `c[0] + c[1] x + c[2] x^2 + ...` by Estrin's scheme: neighbours are joined to terms of a polynomial in x^2, and so on. Loops over
 * arrays are limited by how many rounds fit into the processor's window, so the short chain is worth a few multiplications more.
 */
export const polynomial = (F: FloatLanes, s: Scope, x: V128, coefficients: readonly number[]): V128 => {
  let power = s.keep(x);
  let terms = pairs(coefficients, (low, high) => {
    if (high === undefined) return F.const(low);
    return high === 1 ? F.add(power, F.const(low)) : F.madd(s, F.const(high), power, F.const(low));
  });
  while (terms.length > 1) {
    power = s.keep(F.mul(power, power));
    terms = pairs(terms, (low, high) => (high === undefined ? low : F.madd(s, high, power, low)));
  }
  return terms[0] as V128;
};

const pairs = <T, R>(list: readonly T[], join: (low: T, high: T | undefined) => R): R[] =>
  Array.from({ length: Math.ceil(list.length / 2) }, (_, i) => join(list[2 * i] as T, list[2 * i + 1]));

/** As `polynomial`, by Horner's rule: the fewest operations and registers. */
export const horner = (F: FloatLanes, s: Scope, x: V128, coefficients: readonly number[]): V128 => {
  let sum = F.const(coefficients[coefficients.length - 1] as number);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = F.madd(s, sum, x, F.const(coefficients[i] as number));
  return sum;
};
