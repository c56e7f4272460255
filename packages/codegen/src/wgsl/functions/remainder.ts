/**
 * C's fmod by long division of the significands, eight bits a round: exact. The result is rest 2^(scale - 150), made from bits; where it is
 * not normal it counts units of 2^-149.
 */
export const remainder = {
  remFloat: `fn remFloat(a: f32, b: f32) -> f32 {
  let x = bitcast<u32>(a) & 0x7fffffffu;
  let y = bitcast<u32>(b) & 0x7fffffffu;
  if (x >= 0x7f800000u || y == 0u || y > 0x7f800000u) { return nan(); }
  if (x < y) { return a; }
  let divisor = select(y & 0x7fffffu, (y & 0x7fffffu) | 0x800000u, y >= 0x800000u);
  let scale = max(y >> 23u, 1u);
  var rest = select(x & 0x7fffffu, (x & 0x7fffffu) | 0x800000u, x >= 0x800000u) % divisor;
  for (var left = max(x >> 23u, 1u) - scale; left > 0u && rest > 0u;) {
    let step = min(left, 8u);
    rest = (rest << step) % divisor;
    left -= step;
  }
  let bits = bitcast<u32>(f32(rest)) + (scale << 23u);
  let normal = rest > 0u && bits >= 0x4b800000u;
  let size = select(rest << min(scale - 1u, 31u), bits - 0x4b000000u, normal);
  return bitcast<f32>(size | (bitcast<u32>(a) & 0x80000000u));
}`,
} as const;
