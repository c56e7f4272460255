/** Values and tests by their bits: WGSL refuses infinities and NaN in constants, and compilers may assume that there are none. */
export const bits = {
  fromBits: "fn fromBits(bits: u32) -> f32 { return bitcast<f32>(bits); }",
  atRunTime: "fn atRunTime(x: f32) -> f32 { return x; }",
  isNaN: "fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }",
  infinity: "fn infinity() -> f32 { return fromBits(0x7f800000u); }",
  nan: "fn nan() -> f32 { return fromBits(0x7fc00000u); }",
  /** size >= 0 with the sign of x. */
  orSign: `fn orSign(size: f32, x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(size) | (bitcast<u32>(x) & 0x80000000u)); }`,
  /** x / 0: compilers may take a product with 0 for 0. */
  overZero: `fn overZero(x: f32) -> f32 { return select(orSign(infinity(), x), nan(), (bitcast<u32>(x) & 0x7fffffffu) == 0u || isNaN(x)); }`,
  /** The upper 12 bits of a significand: products of two such numbers are exact. */
  highHalf: `fn highHalf(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }`,
  signFloat: "fn signFloat(x: f32) -> f32 { return select(sign(x), x, x == 0.0f || isNaN(x)); }",
  /** Of equal numbers the bits are joined, so that -0 is less than 0. */
  minFloat: `fn minFloat(a: f32, b: f32) -> f32 {
  let least = select(min(a, b), bitcast<f32>(bitcast<u32>(a) | bitcast<u32>(b)), a == b);
  return select(select(least, b, isNaN(b)), a, isNaN(a));
}`,
  maxFloat: `fn maxFloat(a: f32, b: f32) -> f32 {
  let most = select(max(a, b), bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b)), a == b);
  return select(select(most, b, isNaN(b)), a, isNaN(a));
}`,
} as const;
