import type { DType } from "@gradloom/backend";
import { computeType } from "@gradloom/backend";
import { float64Lanes } from "../scalar/floatLanes.ts";
import type { Scope } from "../scalar/scope.ts";
import { f32x4, f64x2, i32x4, i64x2, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { splat } from "./arithmetic.ts";

const signs64 = (): V128 => i64x2.const(1n << 63n, 1n << 63n);

/**
 * Unsigned integers in the order of the elements, equal where they are equal, NaN last: float64 gives 64 bits, other types 32. Of a
 * negative float all bits are flipped, of a positive one the sign.
 */
export const sortKeys = (s: Scope, dtype: DType, value: V128, descending: boolean): V128 => {
  const type = computeType(dtype);
  let keys: V128;
  if (type === "float64") {
    // Adding 0 makes -0 a 0.
    const x = s.keep(f64x2.add(value, f64x2.const(0, 0)));
    const flipped = v128.xor(x, v128.or(i64x2.shrS(x, 63), signs64()));
    keys = v128.or(flipped, float64Lanes.ne(x, x));
  } else if (type === "float32") {
    const x = s.keep(f32x4.add(value, f32x4.const(0, 0, 0, 0)));
    const flipped = v128.xor(x, v128.or(i32x4.shrS(x, 31), splat(-(2 ** 31))));
    keys = v128.or(flipped, f32x4.ne(x, x));
  } else if (type === "int32") keys = v128.xor(value, splat(-(2 ** 31)));
  else if (type === "bool") keys = v128.and(value, splat(1));
  else keys = value;
  return descending ? v128.not(keys) : keys;
};
