interface LibraryFunction {
  readonly source: string;
  readonly needs?: readonly string[];
}

/** Functions in WGSL that kernels call by name; only those in use, and what they need, are part of a module. */
const library = {
  fromBits: { source: "fn fromBits(bits: u32) -> f32 { return bitcast<f32>(bits); }" },
  isNaN: { source: "fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }" },
  infinity: { needs: ["fromBits"], source: "fn infinity() -> f32 { return fromBits(0x7f800000u); }" },
  nan: { needs: ["fromBits"], source: "fn nan() -> f32 { return fromBits(0x7fc00000u); }" },
  signFloat: {
    needs: ["isNaN"],
    source: "fn signFloat(x: f32) -> f32 { if (isNaN(x)) { return x; } return sign(x); }",
  },
  minFloat: {
    needs: ["isNaN"],
    source:
      "fn minFloat(a: f32, b: f32) -> f32 { if (isNaN(a)) { return a; } if (isNaN(b)) { return b; } return min(a, b); }",
  },
  maxFloat: {
    needs: ["isNaN"],
    source:
      "fn maxFloat(a: f32, b: f32) -> f32 { if (isNaN(a)) { return a; } if (isNaN(b)) { return b; } return max(a, b); }",
  },
  expFloat: { source: "fn expFloat(x: f32) -> f32 { return exp(x); }" },
  expm1Float: { source: "fn expm1Float(x: f32) -> f32 { return exp(x) - 1.0f; }" },
  logFloat: { source: "fn logFloat(x: f32) -> f32 { return log(x); }" },
  log1pFloat: { source: "fn log1pFloat(x: f32) -> f32 { return log(1.0f + x); }" },
  sinFloat: { source: "fn sinFloat(x: f32) -> f32 { return sin(x); }" },
  cosFloat: { source: "fn cosFloat(x: f32) -> f32 { return cos(x); }" },
  atanFloat: { source: "fn atanFloat(x: f32) -> f32 { return atan(x); }" },
  atan2Float: { source: "fn atan2Float(y: f32, x: f32) -> f32 { return atan2(y, x); }" },
  tanhFloat: { source: "fn tanhFloat(x: f32) -> f32 { return tanh(x); }" },
  erfFloat: { source: "fn erfFloat(x: f32) -> f32 { return tanh(1.128379f * x); }" },
  powFloat: { source: "fn powFloat(a: f32, b: f32) -> f32 { return pow(a, b); }" },
  remFloat: { source: "fn remFloat(a: f32, b: f32) -> f32 { return a % b; }" },
  divInt: {
    source: `fn divInt(a: i32, b: i32) -> i32 {
  if (b == 0i) { return 0i; }
  if (b == -1i) { return -a; }
  return a / b;
}`,
  },
  divUint: { source: "fn divUint(a: u32, b: u32) -> u32 { if (b == 0u) { return 0u; } return a / b; }" },
  remInt: {
    source: `fn remInt(a: i32, b: i32) -> i32 {
  if (b == 0i || b == -1i) { return 0i; }
  return a % b;
}`,
  },
  remUint: { source: "fn remUint(a: u32, b: u32) -> u32 { if (b == 0u) { return 0u; } return a % b; }" },
  powUint: {
    source: `fn powUint(a: u32, b: u32) -> u32 {
  var result = 1u;
  var base = a;
  var rest = b;
  while (rest > 0u) {
    if ((rest & 1u) == 1u) { result *= base; }
    base *= base;
    rest >>= 1u;
  }
  return result;
}`,
  },
  powInt: {
    needs: ["powUint"],
    source: `fn powInt(a: i32, b: i32) -> i32 {
  if (b >= 0i) { return bitcast<i32>(powUint(bitcast<u32>(a), u32(b))); }
  if (a == 1i) { return 1i; }
  if (a == -1i) { return 1i - 2i * (b & 1i); }
  return 0i;
}`,
  },
  shlInt: { source: "fn shlInt(a: i32, b: i32) -> i32 { if (b < 0i || b > 31i) { return 0i; } return a << u32(b); }" },
  shlUint: { source: "fn shlUint(a: u32, b: u32) -> u32 { if (b > 31u) { return 0u; } return a << b; }" },
  shrInt: {
    source: "fn shrInt(a: i32, b: i32) -> i32 { if (b < 0i || b > 31i) { return a >> 31u; } return a >> u32(b); }",
  },
  shrUint: { source: "fn shrUint(a: u32, b: u32) -> u32 { if (b > 31u) { return 0u; } return a >> b; }" },
  floatToInt: {
    needs: ["isNaN"],
    source: `fn floatToInt(x: f32) -> i32 {
  if (isNaN(x)) { return 0i; }
  if (x >= 2147483648.0f) { return 2147483647i; }
  if (x <= -2147483648.0f) { return i32(-2147483648); }
  return i32(x);
}`,
  },
  floatToUint: {
    source: `fn floatToUint(x: f32) -> u32 {
  if (x >= 4294967296.0f) { return 4294967295u; }
  if (!(x > 0.0f)) { return 0u; }
  return u32(x);
}`,
  },
  fromFloat16: {
    source: `fn fromFloat16(code: u32) -> f32 {
  let magnitude = code & 0x7fffu;
  var bits = (magnitude << 13u) + 0x38000000u;
  if (magnitude >= 0x7c00u) { bits = (magnitude << 13u) | 0x7f800000u; }
  if (magnitude < 0x400u) { bits = bitcast<u32>(f32(magnitude) * 5.9604644775390625e-8f); }
  return bitcast<f32>(bits | ((code & 0x8000u) << 16u));
}`,
  },
  toFloat16: {
    source: `fn toFloat16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let negative = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return negative | 0x7e00u; }
  if (magnitude >= 0x47800000u) { return negative | 0x7c00u; }
  if (magnitude < 0x38800000u) { return negative | u32(round(bitcast<f32>(magnitude) * 16777216.0f)); }
  return negative | ((magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13u) & 1u)) >> 13u);
}`,
  },
  roundFloat16: {
    needs: ["fromFloat16", "toFloat16"],
    source: "fn roundFloat16(x: f32) -> f32 { return fromFloat16(toFloat16(x)); }",
  },
  fromBfloat16: { source: "fn fromBfloat16(code: u32) -> f32 { return bitcast<f32>(code << 16u); }" },
  toBfloat16: {
    source: `fn toBfloat16(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return (bits >> 16u) | 0x40u; }
  return (bits + 0x7fffu + ((bits >> 16u) & 1u)) >> 16u;
}`,
  },
  roundBfloat16: {
    needs: ["fromBfloat16", "toBfloat16"],
    source: "fn roundBfloat16(x: f32) -> f32 { return fromBfloat16(toBfloat16(x)); }",
  },
  threefry: {
    source: `fn threefry(key0: u32, key1: u32, counter0: u32, counter1: u32) -> u32 {
  var keys = array<u32, 3>(key0, key1, key0 ^ key1 ^ 0x1bd11bdau);
  var x = vec2<u32>(counter0 + key0, counter1 + key1);
${threefryRounds()}
  return x.x;
}`,
  },
} as const satisfies Record<string, LibraryFunction>;

export type LibraryName = keyof typeof library;

/** Sources of functions and of all that they call, each after what it needs. */
export const withNeeds = (names: ReadonlySet<LibraryName>): string[] => {
  const done = new Set<string>();
  const result: string[] = [];
  const add = (name: LibraryName): void => {
    if (done.has(name)) return;
    done.add(name);
    const entry: LibraryFunction = library[name];
    for (const other of entry.needs ?? []) add(other as LibraryName);
    result.push(entry.source);
  };
  for (const name of names) add(name);
  return result;
};

function threefryRounds(): string {
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  const lines: string[] = [];
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8] as number;
    lines.push(`  x.x += x.y; x.y = ((x.y << ${r}u) | (x.y >> ${32 - r}u)) ^ x.x;`);
    if (round % 4 === 3) {
      const s = (round + 1) / 4;
      lines.push(`  x.x += keys[${s % 3}]; x.y += keys[${(s + 1) % 3}] + ${s}u;`);
    }
  }
  return lines.join("\n");
}
