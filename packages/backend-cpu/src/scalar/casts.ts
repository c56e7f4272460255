import type { ComputeType, DType } from "@gradloom/backend";
import { f32x4, f64x2, i32x4, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";
import { float64Lanes } from "./floatLanes.ts";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./half.ts";
import type { Scope } from "./scope.ts";

type Cast = (s: Scope, a: V128) => V128;
type Casts = { readonly [To in DType]: Cast };

const int = (n: number): V128 => i32x4.const(n, n, n, n);
const same: Cast = (_, a) => a;
const roundFloat16: Cast = (s, a) => fromFloat16(s, toFloat16(s, a));
const roundBfloat16: Cast = (s, a) => fromBfloat16(toBfloat16(s, a));
const lowByteSigned = (a: V128): V128 => i32x4.shrS(i32x4.shl(a, 24), 24);
const lowByte = (a: V128): V128 => v128.and(a, int(255));

/** The narrower types by way of float32 and of int32. */
const through = (
  toFloat: Cast,
  toInt: Cast,
): Pick<Casts, "float32" | "float16" | "bfloat16" | "int32" | "int8" | "uint8"> => ({
  float32: toFloat,
  float16: (s, a) => roundFloat16(s, toFloat(s, a)),
  bfloat16: (s, a) => roundBfloat16(s, toFloat(s, a)),
  int32: toInt,
  int8: (s, a) => lowByteSigned(toInt(s, a)),
  uint8: (s, a) => lowByte(toInt(s, a)),
});

/** `roundTo` of the contract on lanes, by the type of the argument and the type that is cast to. */
export const casts: { readonly [From in ComputeType]: Casts } = {
  float32: {
    ...through(same, (_, a) => i32x4.truncSatF32x4S(a)),
    float64: (_, a) => f64x2.promoteLowF32x4(a),
    uint32: (_, a) => i32x4.truncSatF32x4U(a),
    bool: (_, a) => f32x4.ne(a, f32x4.const(0, 0, 0, 0)),
  },
  float64: {
    ...through(
      (_, a) => f32x4.demoteF64x2Zero(a),
      (_, a) => i32x4.truncSatF64x2SZero(a),
    ),
    float64: same,
    uint32: (_, a) => i32x4.truncSatF64x2UZero(a),
    bool: (_, a) => float64Lanes.toBool(f64x2.ne(a, f64x2.const(0, 0))),
  },
  int32: {
    ...through((_, a) => f32x4.convertI32x4S(a), same),
    float64: (_, a) => f64x2.convertLowI32x4S(a),
    uint32: (_, a) => i32x4.maxS(a, int(0)),
    bool: (_, a) => i32x4.ne(a, int(0)),
  },
  uint32: {
    ...through(
      (_, a) => f32x4.convertI32x4U(a),
      (_, a) => i32x4.minU(a, int(0x7fffffff)),
    ),
    float64: (_, a) => f64x2.convertLowI32x4U(a),
    uint32: same,
    bool: (_, a) => i32x4.ne(a, int(0)),
  },
  bool: {
    ...through(
      (_, a) => v128.and(a, f32x4.const(1, 1, 1, 1)),
      (_, a) => v128.and(a, int(1)),
    ),
    float64: (_, a) => f64x2.convertLowI32x4U(v128.and(a, int(1))),
    uint32: (_, a) => v128.and(a, int(1)),
    bool: same,
  },
};
