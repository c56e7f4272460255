import type { Tensor } from "../tensor.ts";
import { add, div, mul } from "./arithmetic.ts";
import { sin, square } from "./mathematics.ts";
import { toFloat } from "./operands.ts";
import { where } from "./where.ts";

/** `sin(t) / t = 1 - t²/6 + ...`: signs and factorials up to t^16, exact to float64 for |t| < 0.5. */
const series = [1];
for (let k = 1; k <= 8; k++) series.push(-(series[k - 1] as number) / (2 * k * (2 * k + 1)));

/**
 * `sin(pi x) / (pi x)`, 1 at 0, smooth there in all derivatives. Integers give float32.
 *
 * @example sinc(tensor([0, 0.5])) // [1, 0.6366]
 */
export const sinc = (x: Tensor): Tensor => {
  const y = toFloat(x);
  const t = mul(y, y.constant(Math.PI));
  const near = t.abs().less(t.constant(0.5));
  const squared = square(where(near, t, t.constant(0)));
  let sum = y.constant(series[8] as number);
  for (let k = 7; k >= 0; k--) sum = add(mul(sum, squared), y.constant(series[k] as number));
  const far = where(near, t.constant(1), t);
  return where(near, sum, div(sin(far), far));
};
