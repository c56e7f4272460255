import { horner } from "./polynomial.ts";

/** Minimax coefficients of erf(x) / x - 1 in x^2 for |x| <= 0.93. */
const series = [0.128379151, -0.376124889, 0.11281731, -0.0267629661, 0.00498735206, -0.000595957856];

/** Minimax coefficients of log(1 - erf(x)) / x + 1 for 0.93 <= x <= 4, where their error matters to erf(x). */
const tail = [-0.128511146, -0.635729134, -0.105247654, 0.0228809062, -0.00321214343, 0.000213645515];

/** A polynomial near 0, 1 - e^polynomial beyond. */
export const erf = {
  erfFloat: `fn erfFloat(x: f32) -> f32 {
  let size = min(abs(x), 4.0f);
  let square = size * size;
  let near = fma(size, ${horner("square", series)}, size);
  let far = 1.0f - expMiddle(fma(size, ${horner("size", tail)}, -size));
  return select(orSign(select(far, near, size < 0.93f), x), x, isNaN(x));
}`,
} as const;
