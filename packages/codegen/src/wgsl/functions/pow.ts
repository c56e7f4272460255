import { horner, literal } from "./polynomial.ts";

/** Minimax coefficients of (log2((1 + s) / (1 - s)) / s - 2 / ln 2) / s^2 in s^2 for |s| <= 0.1716, and 2 / ln 2 in two parts. */
const logSeries = [0.961796701, 0.577078819, 0.411927253, 0.33649081];
const twoOverLn2 = [2.884765625, 0.000624456792] as const;

/** Minimax coefficients of (2^t - 1) / t for |t| <= 1/2. */
const expSeries = [0.693147182, 0.240226507, 0.0555035956, 0.00961806159, 0.00133909925, 0.000154633395];

/** Numbers that float32 is too short for are pairs, of which the first has 12 bits: products of such numbers are exact. */
export const pow = {
  /**
   * log2 of a positive finite number from its bits, to some 33 bits: e + 2 atanh(s) / ln 2 with s = f / (2 + f). What s lacks, `rest`, is
   * (f - s (2 + f)) / (2 + f); select keeps compilers from putting 2 + f together again.
   */
  log2Pair: `fn log2Pair(bits: u32) -> vec2<f32> {
  let small = bits < 0x800000u;
  let shifted = select(bits, bitcast<u32>(f32(bits)), small) - 0x3f3504f3u;
  let e = f32(bitcast<i32>(shifted) >> 23u) - select(0.0f, 149.0f, small);
  let f = bitcast<f32>((shifted & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  let bottom = 2.0f + f;
  let s = highHalf(f / bottom);
  let bottomHigh = highHalf(bottom);
  let most = select(fma(-s, bottomHigh, f), f, s == 0.0f);
  let rest = fma(-s, f - (bottomHigh - 2.0f), most) / bottom;
  let t = s + rest;
  let square = t * t;
  let bend = fma(t * square, ${horner("square", logSeries)}, s * ${literal(twoOverLn2[1])});
  let low = fma(rest, ${literal(twoOverLn2[0] + twoOverLn2[1])}, bend);
  let a = highHalf(e + fma(s, ${literal(twoOverLn2[0])}, low));
  return vec2<f32>(a, fma(s, ${literal(twoOverLn2[0])}, e - a) + low);
}`,
  /** x^y for the bits of a positive finite x: 2^t, whose exponent moves by k where that gives a normal number. */
  powSize: `fn powSize(x: u32, given: f32) -> f32 {
  let y = clamp(given, -1e30f, 1e30f);
  let log2x = log2Pair(x);
  let yHigh = highHalf(y);
  let product = y * (log2x.x + log2x.y);
  let k = round(clamp(product, -127.0f, 128.0f));
  let rest = fma(y - yHigh, log2x.x, y * log2x.y);
  let t = clamp(fma(yHigh, log2x.x, -k) + rest, -1.0f, 1.0f);
  let p = ${horner("t", [1, ...expSeries])};
  let bits = bitcast<u32>(p) + (bitcast<u32>(k + 12582912.0f) << 23u);
  let low = product < 0.0f && bitcast<i32>(bits) < 0x800000i;
  let high = product > 0.0f && bits >= 0x7f800000u;
  return select(select(bitcast<f32>(bits), 0.0f, low), infinity(), high);
}`,
  powFloat: `fn powFloat(x: f32, y: f32) -> f32 {
  let size = bitcast<u32>(x) & 0x7fffffffu;
  let extent = bitcast<u32>(y) & 0x7fffffffu;
  if (bitcast<u32>(x) == 0x3f800000u || extent == 0u) { return 1.0f; }
  if (size > 0x7f800000u) { return x; }
  if (extent > 0x7f800000u) { return y; }
  let infinite = size == 0x7f800000u;
  let rising = (bitcast<u32>(y) >> 31u) == 0u;
  let limit = select(0.0f, infinity(), infinite == rising);
  let value = select(powSize(size, y), limit, infinite || size == 0u);
  if ((bitcast<u32>(x) >> 31u) == 0u) { return value; }
  let whole = extent >= 0x4b800000u || trunc(y) == y;
  let odd = extent < 0x4b800000u && trunc(y * 0.5f) != y * 0.5f;
  let one = size == 0x3f800000u && extent == 0x7f800000u;
  return select(select(nan(), select(value, -value, odd && whole), whole || infinite || size == 0u), 1.0f, one);
}`,
} as const;
