/** Conversions that saturate, take NaN to 0, and round to narrow floats with ties to even. */
export const casts = {
  floatToInt: `fn floatToInt(x: f32) -> i32 {
  let inside = i32(clamp(x, -2147483648.0f, 2147483520.0f));
  return select(select(inside, 2147483647i, x >= 2147483648.0f), 0i, isNaN(x));
}`,
  floatToUint: `fn floatToUint(x: f32) -> u32 {
  let inside = u32(clamp(x, 0.0f, 4294967040.0f));
  return select(select(inside, 4294967295u, x >= 4294967296.0f), 0u, isNaN(x));
}`,
  // Two exact halves: some devices round large numbers twice.
  uintToFloat: "fn uintToFloat(x: u32) -> f32 { return fma(f32(x >> 16u), 65536.0f, f32(x & 0xffffu)); }",
  fromFloat16: `fn fromFloat16(code: u32) -> f32 {
  let magnitude = code & 0x7fffu;
  let normal = (magnitude << 13u) + 0x38000000u;
  let small = bitcast<u32>(f32(magnitude) * 5.9604644775390625e-8f);
  let finite = select(normal, small, magnitude < 0x400u);
  let bits = select(finite, (magnitude << 13u) | 0x7f800000u, magnitude >= 0x7c00u);
  return bitcast<f32>(bits | ((code & 0x8000u) << 16u));
}`,
  toFloat16: `fn toFloat16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  let normal = (magnitude - 0x37fff001u + ((magnitude >> 13u) & 1u)) >> 13u;
  let small = u32(round(min(bitcast<f32>(magnitude), 1.0f) * 16777216.0f));
  let finite = select(normal, small, magnitude < 0x38800000u);
  let code = select(finite, 0x7c00u, magnitude >= 0x47800000u);
  return select(code, 0x7e00u, magnitude > 0x7f800000u) | ((bits >> 16u) & 0x8000u);
}`,
  roundFloat16: "fn roundFloat16(x: f32) -> f32 { return fromFloat16(toFloat16(x)); }",
  fromBfloat16: "fn fromBfloat16(code: u32) -> f32 { return bitcast<f32>(code << 16u); }",
  toBfloat16: `fn toBfloat16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let high = bits >> 16u;
  return select((bits + 0x7fffu + (high & 1u)) >> 16u, high | 0x40u, isNaN(x));
}`,
  roundBfloat16: "fn roundBfloat16(x: f32) -> f32 { return fromBfloat16(toBfloat16(x)); }",
} as const;
