import { horner, literal } from "./polynomial.ts";

/** Minimax coefficients of (atan(t) - t) / t^3 in t^2 for |t| <= tan(pi / 8). */
const series = [-0.333329499, 0.19977732, -0.138778761, 0.0805427507];

/** pi / 4 as a sum of which 3 times the first part is exact. */
const quarterPi = [0.785398006439209, 1.5695823932524066e-7] as const;
const tanEighthPi = Math.SQRT2 - 1;

export const atan = {
  /** n pi / 4 + atan(t) for |t| <= tan(pi / 8) */
  atanSum: `fn atanSum(n: f32, t: f32) -> f32 {
  let square = t * t;
  let bend = fma(t * square, ${horner("square", series)}, n * ${literal(quarterPi[1])});
  return fma(n, ${literal(quarterPi[0])}, t + bend);
}`,
  atanFloat: `fn atanFloat(x: f32) -> f32 {
  let size = min(abs(x), 1e30f);
  let far = size > ${literal(tanEighthPi + 2)};
  let ratio = select(size - 1.0f, -1.0f, far) / select(size + 1.0f, size, far);
  let turned = atanSum(select(1.0f, 2.0f, far), ratio);
  let value = select(turned, atanSum(0.0f, size), size < ${literal(tanEighthPi)});
  return select(orSign(value, x), x, isNaN(x));
}`,
  /**
   * The smaller over the larger coordinate gives an angle of up to pi / 4, which is then mirrored at the diagonal and at the vertical axis;
   * each turns its direction. Two infinities count as equal; large numbers are scaled so that division is defined.
   */
  atan2Float: `fn atan2Float(y: f32, x: f32) -> f32 {
  let up = abs(y);
  let along = abs(x);
  let steep = up > along;
  let larger = max(up, along);
  let infinite = bitcast<u32>(larger) == 0x7f800000u;
  let scale = select(1.0f, 9.094947e-13f, larger > 1e30f);
  let far = select(larger * scale, 1.0f, infinite);
  let near = select(min(up, along) * scale, select(0.0f, 1.0f, up == along), infinite);
  let middle = near > far * ${literal(tanEighthPi)};
  let bottom = far + select(0.0f, near, middle);
  let ratio = (near - select(0.0f, far, middle)) / select(bottom, 1.0f, bottom == 0.0f);
  let back = (bitcast<u32>(x) >> 31u) == 1u;
  let first = select(0.0f, 1.0f, middle);
  let second = select(first, 2.0f - first, steep);
  let third = select(second, 4.0f - second, back);
  let value = orSign(atanSum(third, select(ratio, -ratio, steep != back)), y);
  return select(select(value, x, isNaN(x)), y, isNaN(y));
}`,
} as const;
