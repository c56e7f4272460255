import type { V128 } from "../wasm/value.ts";
import type { FloatLanes } from "./floatLanes.ts";
import type { Scope } from "./scope.ts";

/** `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule; `x` must be usable more than once. */
export const polynomial = (F: FloatLanes, s: Scope, x: V128, coefficients: readonly number[]): V128 => {
  let sum = F.const(coefficients[coefficients.length - 1] as number);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = F.madd(s, sum, x, F.const(coefficients[i] as number));
  return sum;
};
