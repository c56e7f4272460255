import { ln2 } from "./exp.ts";
import { horner, literal } from "./polynomial.ts";

/** Minimax coefficients of (log(1 + f) - f + f^2 / 2) / f^3 for sqrt(1/2) <= 1 + f <= sqrt(2). */
const series = [
  0.33333316705439875, -0.25000810353876074, 0.20002287814593883, -0.16624556149704947, 0.141811621978997,
  -0.13128712540810106, 0.1288181923895089, -0.07859908462922423,
];

/** log x = e ln 2 + log(1 + f) with x = 2^e (1 + f); 0x3f3504f3 are the bits of sqrt(1/2). */
export const log = {
  /** e ln 2 + log(1 + f) */
  logSum: `fn logSum(e: f32, f: f32) -> f32 {
  let square = f * f;
  let bend = fma(f * square, ${horner("f", series)}, -0.5f * square);
  return fma(e, ${literal(ln2[0])}, f + fma(e, ${literal(ln2[1])}, bend));
}`,
  /** log at 0, NaN, infinity and below 0. */
  logEdge: `fn logEdge(x: f32) -> f32 {
  let edge = select(x, nan(), (bitcast<u32>(x) >> 31u) == 1u && !isNaN(x));
  return select(edge, -infinity(), (bitcast<u32>(x) << 1u) == 0u);
}`,
  /** Subnormal numbers are taken as whole multiples of the smallest one. */
  logFloat: `fn logFloat(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let small = bits < 0x800000u;
  let shifted = select(bits, bitcast<u32>(f32(bits)), small) - 0x3f3504f3u;
  let e = f32(bitcast<i32>(shifted) >> 23u) - select(0.0f, 149.0f, small);
  let f = bitcast<f32>((shifted & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  return select(logEdge(x), logSum(e, f), bits - 1u < 0x7f7fffffu);
}`,
  /** log(1 + x) with f = 2^-e x + 2^-e - 1, of which only the last sum is rounded. */
  log1pFloat: `fn log1pFloat(x: f32) -> f32 {
  let sum = 1.0f + x;
  let shifted = bitcast<u32>(sum) - 0x3f3504f3u;
  let e = f32(bitcast<i32>(shifted) >> 23u);
  let power = shifted & 0xff800000u;
  let f = bitcast<f32>(bitcast<u32>(x) - power) + fma(0.25f, bitcast<f32>(0x40800000u - power), -1.0f);
  let value = select(logEdge(sum), logSum(e, f), bitcast<u32>(sum) - 1u < 0x7f7fffffu);
  return select(value, x, abs(x) < 2.9802322e-8f);
}`,
} as const;
