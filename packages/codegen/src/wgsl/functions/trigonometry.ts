import { horner, literal } from "./polynomial.ts";

/** Minimax coefficients of (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 in r^2 for |r| <= pi / 4. */
const sine = [-0.16666654936689226, 0.008332177686160264, -0.00019517234654579173];
const cosine = [0.041666646854617906, -0.001388736691071502, 0.00002443837955071029];

/** pi / 2 as a sum whose first three parts have 12 bits. */
const halfPi = [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633440682570896e-12];

/** As in `exp.ts`, two names for k keep compilers from joining the parts. */
const reduce = halfPi.reduce((rest, part, i) => `fma(${i % 2 === 0 ? "k" : "same"}, ${literal(-part)}, ${rest})`, "x");

/** The binary digits of 2 / pi, after 32 zeros. */
const digits = [0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561];

/** Angles are given as the bits of r and as q of x = q pi / 2 + r with |r| <= pi / 4. */
export const trigonometry = {
  /** The low and the high word of a product. */
  multiplyWide: `fn multiplyWide(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return vec2<u32>(a * b, (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u));
}`,
  /** x 2 / pi from as many digits of 2 / pi as matter (Payne and Hanek, 1983), and its fraction nearest to 0: from -1/2 to 1/2. */
  reduceLargeAngle: `fn reduceLargeAngle(x: f32) -> vec2<u32> {
  var digits = array<u32, ${digits.length}>(${digits.map((word) => `${word}u`).join(", ")});
  let bits = bitcast<u32>(x);
  let start = min((bits >> 23u) & 255u, 254u) - 120u;
  let word = start / 32u;
  let shift = start % 32u;
  var window = array<u32, 3>();
  for (var i = 0u; i < 3u; i++) {
    window[i] = (digits[word + i] << shift) | ((digits[word + i + 1u] >> 1u) >> (31u - shift));
  }
  let m = (bits & 0x7fffffu) | 0x800000u;
  let first = multiplyWide(m, window[1]);
  let second = multiplyWide(m, window[2]);
  let middle = first.x + second.y;
  let top = m * window[0] + first.y + select(0u, 1u, middle < first.x);
  var q = top >> 30u;
  var high = (top << 2u) | (middle >> 30u);
  var low = (middle << 2u) | (second.x >> 30u);
  let beyond = high >> 31u;
  if (beyond == 1u) {
    q++;
    high = ~high + select(0u, 1u, low == 0u);
    low = ~low + 1u;
  }
  let zeros = countLeadingZeros(high);
  let fraction = f32((high << zeros) | ((low >> 1u) >> (31u - zeros))) * ${literal(Math.PI / 2 ** 33)};
  let r = bitcast<f32>(bitcast<u32>(fraction) - (zeros << 23u));
  let sign = (bits >> 31u) ^ beyond;
  return vec2<u32>(bitcast<u32>(r) | (sign << 31u), select(q, ~q + 1u, bits >> 31u == 1u));
}`,
  reduceAngle: `fn reduceAngle(x: f32) -> vec2<u32> {
  if (abs(x) > 6000.0f) { return reduceLargeAngle(x); }
  let k = round(x * ${literal(2 / Math.PI)});
  let whole = bitcast<u32>(k + 12582912.0f);
  let same = f32(bitcast<i32>(whole - 0x4b400000u));
  return vec2<u32>(bitcast<u32>(${reduce}), whole);
}`,
  /** sin(q pi / 2 + r) */
  sineOf: `fn sineOf(r: f32, q: u32) -> f32 {
  let square = r * r;
  let sine = fma(r * square, ${horner("square", sine)}, r);
  let cosine = fma(square * square, ${horner("square", cosine)}, fma(square, -0.5f, 1.0f));
  return bitcast<f32>(bitcast<u32>(select(sine, cosine, (q & 1u) == 1u)) ^ ((q & 2u) << 30u));
}`,
  sinFloat: `fn sinFloat(x: f32) -> f32 {
  let angle = reduceAngle(x);
  let finite = select(sineOf(bitcast<f32>(angle.x), angle.y), x, abs(x) < 1e-4f);
  return select(finite, nan(), (bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u);
}`,
  cosFloat: `fn cosFloat(x: f32) -> f32 {
  let angle = reduceAngle(x);
  let finite = sineOf(bitcast<f32>(angle.x), angle.y + 1u);
  return select(finite, nan(), (bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u);
}`,
} as const;
