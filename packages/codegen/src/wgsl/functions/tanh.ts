import { horner } from "./polynomial.ts";

/** Minimax coefficients of (tanh(x) - x) / x^3 in x^2 for |x| <= 0.55. */
const series = [-0.333333164, 0.133325443, -0.0538475476, 0.021050714, -0.0062428494];

/** A polynomial near 0, 1 - 2 / (e^(2 x) + 1) beyond. */
export const tanh = {
  tanhFloat: `fn tanhFloat(x: f32) -> f32 {
  let size = min(abs(x), 9.02f);
  let square = size * size;
  let near = fma(size * square, ${horner("square", series)}, size);
  let far = 1.0f - 2.0f / (expMiddle(size + size) + 1.0f);
  return select(orSign(select(far, near, size < 0.55f), x), x, isNaN(x));
}`,
} as const;
