import { f32x4, i32x4, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import type { Scope } from "./scope.ts";

// float16 and bfloat16 bit patterns in the low half of 32-bit lanes, by integer arithmetic.

const int = (n: number): V128 => i32x4.const(n, n, n, n);
const float = (x: number): V128 => f32x4.const(x, x, x, x);

/** The float32 that each float16 pattern stands for. */
export const fromFloat16 = (s: Scope, patterns: V128): V128 => {
  const bits = s.keep(patterns);
  const magnitude = s.keep(i32x4.shl(v128.and(bits, int(0x7fff)), 13));
  // 2^112 moves the exponent's bias from 15 to 127; it is exact for subnormal numbers too.
  const scaled = f32x4.mul(magnitude, float(2 ** 112));
  const special = i32x4.gtS(magnitude, int(0x0f7fffff));
  const exponent = v128.and(special, int(0x7f800000));
  return v128.or(v128.or(scaled, exponent), i32x4.shl(v128.and(bits, int(0x8000)), 16));
};

/** The float16 pattern nearest to each float32, ties to even. */
export const toFloat16 = (s: Scope, values: V128): V128 => {
  const bits = s.keep(values);
  const magnitude = s.keep(v128.and(bits, int(0x7fffffff)));
  const odd = v128.and(i32x4.shrU(magnitude, 13), int(1));
  const normal = i32x4.shrU(i32x4.add(i32x4.add(magnitude, odd), int(0xfff - 0x38000000)), 13);
  // Adding 0.5 leaves a subnormal result, rounded, in the low bits of the sum.
  const small = i32x4.sub(f32x4.add(magnitude, float(0.5)), int(0x3f000000));
  const finite = v128.bitselect(small, normal, i32x4.ltS(magnitude, int(0x38800000)));
  const infinite = v128.bitselect(int(0x7c00), finite, i32x4.gtS(magnitude, int(0x477fffff)));
  const pattern = v128.bitselect(int(0x7e00), infinite, i32x4.gtS(magnitude, int(0x7f800000)));
  return v128.or(pattern, v128.and(i32x4.shrU(bits, 16), int(0x8000)));
};

/** The float32 that each bfloat16 pattern stands for. */
export const fromBfloat16 = (patterns: V128): V128 => i32x4.shl(patterns, 16);

/** The bfloat16 pattern nearest to each float32, ties to even. */
export const toBfloat16 = (s: Scope, values: V128): V128 => {
  const bits = s.keep(values);
  const high = s.keep(i32x4.shrU(bits, 16));
  const rounded = i32x4.shrU(i32x4.add(i32x4.add(bits, v128.and(high, int(1))), int(0x7fff)), 16);
  return v128.bitselect(v128.or(high, int(0x40)), rounded, f32x4.ne(bits, bits));
};
