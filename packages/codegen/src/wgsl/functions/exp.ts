import { horner, literal } from "./polynomial.ts";

/** ln 2 as a sum whose first part has so few bits that small multiples of it are exact. */
export const ln2 = [0.693359375, -0.00021219444005469057] as const;

/** Minimax coefficients of (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2. */
const series = [
  0.49999993447608637, 0.16666520631168508, 0.04166838807601518, 0.008368716929492741, 0.0013814597438222226,
];
const longSeries = [
  0.5000000048707983, 0.16666666674427696, 0.041666345924734935, 0.008333318055395509, 0.0013941681951559304,
  0.0001988316076291941,
];

/**
 * k is the nearest whole number of x / ln 2, r what is left; the last bits of `whole` are those of k. Compilers join k a + k b to
 * k (a + b), which loses what two parts of ln 2 are for; they do not see that `same` is k.
 */
const reduce = `let k = round(x * ${literal(Math.LOG2E)});
  let whole = bitcast<u32>(k + 12582912.0f);
  let same = f32(bitcast<i32>(whole - 0x4b400000u));
  let r = fma(same, ${literal(-ln2[1])}, fma(k, ${literal(-ln2[0])}, x));`;

/** e^x = 2^k e^r: adding k to the exponent's bits multiplies by 2^k. Results below the normal numbers are 0. */
export const exp = {
  /** e^x where that is a normal number. */
  expMiddle: `fn expMiddle(x: f32) -> f32 {
  ${reduce}
  let p = ${horner("r", [1, 1, ...series])};
  return bitcast<f32>(bitcast<u32>(p) + (whole << 23u));
}`,
  expFloat: `fn expFloat(x: f32) -> f32 {
  let finite = select(expMiddle(x), 0.0f, x < -87.33654f);
  return select(select(finite, infinity(), x > 88.72283f), x, isNaN(x));
}`,
  /** e^x - 1 = 2 (2^(k - 1) p + 2^(k - 1) - 1/2) with p = e^r - 1. */
  expm1Float: `fn expm1Float(given: f32) -> f32 {
  let x = clamp(given, -18.0f, 88.8f);
  ${reduce}
  let p = fma(r * r, ${horner("r", longSeries)}, r);
  let power = bitcast<f32>((whole << 23u) + 0x3f000000u);
  let half = fma(power, p, power - 0.5f);
  let finite = orSign(select(half + half, p, k == 0.0f), given);
  return select(select(finite, infinity(), given > 88.72283f), given, isNaN(given));
}`,
} as const;
