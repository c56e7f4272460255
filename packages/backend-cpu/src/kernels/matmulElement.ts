import type { ComputeType } from "@gradloom/backend";
import { f32x4, f64x2, i32x4, relaxed, v128 } from "../wasm/simd.ts";
import type { I32, V128 } from "../wasm/value.ts";

/** The type in which products are summed up. */
export type AccumulatorType = Extract<ComputeType, "float32" | "float64" | "int32">;

/** What the kernels of matmul and conv need to know about a type: its elements lie side by side in vectors of `lanes`. */
export interface Element {
  readonly type: AccumulatorType;
  readonly bytes: 4 | 8;
  readonly lanes: 2 | 4;
  readonly zero: () => V128;
  readonly loadSplat: (address: I32, offset?: number) => V128;
  /** The first element alone, zeros behind it. */
  readonly loadOne: (address: I32, offset?: number) => V128;
  readonly loadLane: (address: I32, vector: V128, lane: number, offset?: number) => V128;
  readonly add: (a: V128, b: V128) => V128;
  readonly multiply: (a: V128, b: V128) => V128;
  /** `sum + a * b` in one instruction, where there is one. */
  readonly multiplyAdd: ((sum: V128, a: V128, b: V128) => V128) | undefined;
}

const wide = { bytes: 8, lanes: 2, zero: () => f64x2.const(0, 0), loadSplat: v128.load64Splat } as const;
const narrow = { bytes: 4, lanes: 4, zero: () => i32x4.const(0, 0, 0, 0), loadSplat: v128.load32Splat } as const;
const wideLanes = { loadOne: v128.load64Zero, loadLane: v128.load64Lane };
const narrowLanes = { loadOne: v128.load32Zero, loadLane: v128.load32Lane };

export const elementOf = (type: AccumulatorType, useRelaxed: boolean): Element => {
  switch (type) {
    case "float32":
      return {
        type,
        ...narrow,
        ...narrowLanes,
        add: f32x4.add,
        multiply: f32x4.mul,
        multiplyAdd: useRelaxed ? (sum, a, b) => relaxed.f32x4Madd(a, b, sum) : undefined,
      };
    case "float64":
      return {
        type,
        ...wide,
        ...wideLanes,
        add: f64x2.add,
        multiply: f64x2.mul,
        multiplyAdd: useRelaxed ? (sum, a, b) => relaxed.f64x2Madd(a, b, sum) : undefined,
      };
    case "int32":
      return {
        type,
        ...narrow,
        ...narrowLanes,
        add: i32x4.add,
        multiply: i32x4.mul,
        multiplyAdd: undefined,
      };
  }
};
