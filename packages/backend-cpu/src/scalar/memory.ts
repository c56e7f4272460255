import type { ComputeType, DType } from "@gradloom/backend";
import { byteSize } from "@gradloom/backend";
import { i32 } from "../wasm/numeric.ts";
import { f32x4, f64x2, i8x16, i16x8, i32x4, v128 } from "../wasm/simd.ts";
import type { I32, Local, V128 } from "../wasm/value.ts";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./half.ts";
import type { Scope } from "./scope.ts";

/** How many of the lanes are there: all, or the first few (from 1 to `lanes - 1`). */
export type Count = "all" | number | Local<"i32">;

/** Where lanes lie: lane k at byte `address() + offset + k * stride * bytes`. */
export interface Place {
  /** A fresh value at every call. */
  readonly address: () => I32;
  readonly offset: number;
  /** In elements. */
  readonly stride: number;
}

const int = (n: number): V128 => i32x4.const(n, n, n, n);
const zero = (): V128 => int(0);

/** Runs `body` for each lane that is there. */
export const forLanes = (s: Scope, count: Count, body: (lane: number) => void): void => {
  const from = (lane: number): void => {
    if (lane === (typeof count === "number" ? count : s.lanes)) return;
    const rest = (): void => {
      body(lane);
      from(lane + 1);
    };
    if (lane === 0 || typeof count !== "object") rest();
    else s.f.if(i32.gtS(count, lane), rest);
  };
  from(0);
};

/** An address and an offset as instructions take it, not negative. */
const shifted = (address: () => I32, offset: number): [I32, number] =>
  offset < 0 ? [i32.sub(address(), -offset), 0] : [address(), offset];

const reversed: Readonly<Record<number, readonly number[]>> = {
  1: [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12],
  2: [6, 7, 4, 5, 2, 3, 0, 1, 14, 15, 12, 13, 10, 11, 8, 9],
  4: [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3],
  8: [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7],
};

const loadLane = { 1: v128.load8Lane, 2: v128.load16Lane, 4: v128.load32Lane, 8: v128.load64Lane } as const;
const loadSplat = { 1: v128.load8Splat, 2: v128.load16Splat, 4: v128.load32Splat, 8: v128.load64Splat } as const;
type Bytes = 1 | 2 | 4 | 8;

/** Elements side by side at the start of a vector, without widening. */
const loadPacked = (s: Scope, bytes: Bytes, place: Place, count: Count): V128 => {
  const { address, offset, stride } = place;
  if (stride === 0) return loadSplat[bytes](address(), offset);
  const total = bytes * s.lanes;
  if (count === "all" && (stride === 1 || stride === -1)) {
    const [at, from] = shifted(address, stride === 1 ? offset : offset - total + bytes);
    const all =
      total === 16
        ? v128.load(at, from)
        : total === 8
          ? v128.load64Zero(at, from)
          : total === 4
            ? v128.load32Zero(at, from)
            : v128.load16Lane(at, zero(), 0, from);
    if (stride === 1) return all;
    const order = reversed[bytes] as readonly number[];
    // Shorter vectors reverse within their first `total` bytes.
    const lanes = order.map((_, i) => (i < total ? total - bytes - Math.floor(i / bytes) * bytes + (i % bytes) : i));
    return i8x16.shuffle(all, zero(), lanes);
  }
  const result = s.variable(zero());
  forLanes(s, count, (lane) => {
    const [from, rest] = shifted(address, offset + lane * stride * bytes);
    s.f.set(result, loadLane[bytes](from, result, lane, rest));
  });
  return result;
};

/** Bytes in the low bytes of 32-bit lanes. */
const widenBytes = (packed: V128, signed: boolean): V128 =>
  signed ? i32x4.extendLowI16x8S(i16x8.extendLowI8x16S(packed)) : i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(packed));

/** Loads elements of `dtype` and widens them to its compute type. */
export const loadLanes = (s: Scope, dtype: DType, place: Place, count: Count): V128 =>
  unpack(s, dtype, loadPacked(s, byteSize(dtype) as Bytes, place, count));

/** As `loadLanes`, each lane from an address of its own. */
export const loadLanesAt = (s: Scope, dtype: DType, address: (lane: number) => I32, count: Count): V128 => {
  const packed = s.variable(zero());
  forLanes(s, count, (lane) => {
    s.f.set(packed, loadLane[byteSize(dtype) as Bytes](address(lane), packed, lane));
  });
  return unpack(s, dtype, packed);
};

/** Widens elements that lie side by side at the start of a vector. */
const unpack = (s: Scope, dtype: DType, packed: V128): V128 => {
  switch (dtype) {
    case "float32":
    case "int32":
    case "uint32":
    case "float64":
      return packed;
    case "float16":
      return fromFloat16(s, i32x4.extendLowI16x8U(packed));
    case "bfloat16":
      return fromBfloat16(i32x4.extendLowI16x8U(packed));
    case "int8":
      return widenBytes(packed, true);
    case "uint8":
      return widenBytes(packed, false);
    case "bool":
      return i32x4.ne(widenBytes(packed, false), zero());
  }
};

const narrowHalves = (patterns: V128): V128 => i16x8.narrowI32x4U(patterns, zero());
const narrowBytes = (values: V128): V128 => i8x16.narrowI16x8U(narrowHalves(values), zero());

/** Rounds to `dtype` and packs side by side at the start of the vector. */
const pack = (s: Scope, dtype: DType, value: V128): V128 => {
  switch (dtype) {
    case "float32":
    case "int32":
    case "uint32":
    case "float64":
      return value;
    case "float16":
      return narrowHalves(toFloat16(s, value));
    case "bfloat16":
      return narrowHalves(toBfloat16(s, value));
    case "int8":
    case "uint8":
      return narrowBytes(v128.and(value, int(255)));
    case "bool":
      return narrowBytes(v128.and(value, int(1)));
  }
};

/** Stores lanes of a compute type as elements of `dtype`. A stride of 0 stores the first lane only. */
export const storeLanes = (s: Scope, dtype: DType, place: Place, value: V128, count: Count): void => {
  const { address, offset, stride } = place;
  const bytes = byteSize(dtype) as Bytes;
  const total = bytes * s.lanes;
  if (count === "all" && stride === 1) {
    const packed = pack(s, dtype, value);
    if (total === 16) s.f.store(address(), packed, offset);
    else s.f.storeLane(total as Bytes, address(), packed, 0, offset);
    return;
  }
  const packed = s.keep(pack(s, dtype, value));
  forLanes(s, stride === 0 ? 1 : count, (lane) => {
    const [at, rest] = shifted(address, offset + lane * stride * bytes);
    s.f.storeLane(bytes, at, packed, lane, rest);
  });
};

/** A scalar argument in every lane; `address` is its slot. */
export const loadScalar = (type: ComputeType, address: I32, offset: number): V128 => {
  if (type === "float64") return v128.load64Splat(address, offset);
  const lanes = v128.load32Splat(address, offset);
  return type === "bool" ? i32x4.ne(lanes, zero()) : lanes;
};

/** A constant in every lane. */
export const constantLanes = (type: ComputeType, value: number): V128 => {
  if (type === "float64") return f64x2.const(value, value);
  if (type === "float32") return f32x4.const(value, value, value, value);
  return int(type === "bool" ? (value === 0 ? 0 : -1) : value);
};
