import type { ComputeType } from "@gradloom/backend";
import { float32Lanes, float64Lanes } from "../scalar/floatLanes.ts";
import { f32x4, f64x2, i32x4, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";

/** `a` comes before `b` as the largest: it is larger, or NaN where `b` is not. Masks are as wide as the type. */
export const beats = (type: ComputeType, a: V128, b: V128): V128 => {
  if (type === "int32") return i32x4.gtS(a, b);
  if (type === "uint32") return i32x4.gtU(a, b);
  const F = type === "float64" ? float64Lanes : float32Lanes;
  return v128.andnot(F.eq(b, b), F.le(a, b));
};

const isWide = (type: ComputeType): boolean => type === "float64";

/** A mask as wide as one type as a mask as wide as another. */
export const convertMask = (mask: V128, from: ComputeType, to: ComputeType): V128 => {
  if (isWide(from) === isWide(to)) return mask;
  return isWide(from) ? float64Lanes.toBool(mask) : float64Lanes.fromBool(mask);
};

export const addLanes = (type: ComputeType, a: V128, b: V128): V128 =>
  type === "float32" ? f32x4.add(a, b) : type === "float64" ? f64x2.add(a, b) : i32x4.add(a, b);
