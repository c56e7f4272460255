/** Integer operations where WGSL leaves the result open: divisors of 0, shifts by more than 31. */
export const integers = {
  divInt: `fn divInt(a: i32, b: i32) -> i32 {
  if (b == 0i) { return 0i; }
  if (b == -1i) { return -a; }
  return a / b;
}`,
  divUint: "fn divUint(a: u32, b: u32) -> u32 { if (b == 0u) { return 0u; } return a / b; }",
  remInt: "fn remInt(a: i32, b: i32) -> i32 { if (b == 0i || b == -1i) { return 0i; } return a % b; }",
  remUint: "fn remUint(a: u32, b: u32) -> u32 { if (b == 0u) { return 0u; } return a % b; }",
  powUint: `fn powUint(a: u32, b: u32) -> u32 {
  var result = 1u;
  var base = a;
  for (var rest = b; rest > 0u; rest >>= 1u) {
    if ((rest & 1u) == 1u) { result *= base; }
    base *= base;
  }
  return result;
}`,
  powInt: `fn powInt(a: i32, b: i32) -> i32 {
  if (b >= 0i) { return bitcast<i32>(powUint(bitcast<u32>(a), u32(b))); }
  if (a == 1i) { return 1i; }
  if (a == -1i) { return 1i - 2i * (b & 1i); }
  return 0i;
}`,
  shlInt: "fn shlInt(a: i32, b: i32) -> i32 { return select(0i, a << (u32(b) & 31u), u32(b) < 32u); }",
  shlUint: "fn shlUint(a: u32, b: u32) -> u32 { return select(0u, a << (b & 31u), b < 32u); }",
  shrInt: "fn shrInt(a: i32, b: i32) -> i32 { return a >> min(u32(b), 31u); }",
  shrUint: "fn shrUint(a: u32, b: u32) -> u32 { return select(0u, a >> (b & 31u), b < 32u); }",
} as const;
