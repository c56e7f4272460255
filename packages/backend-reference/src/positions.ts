import type { DType, HostArray, KernelInput, Shape, View } from "@gradloom/backend";
import { fromBfloat16, fromFloat16, isContiguous, sizeOf, toBfloat16, toFloat16 } from "@gradloom/backend";

/** Most positions that are worked on at a time. */
export const blockSize = 1024;

/** Fills `out` with the addresses of row-major positions `start` to `start + count` of a view; `missing` where it has no element. */
export type Addresses = (start: number, count: number, out: Float64Array) => void;

export const addressesOf = (view: View, missing: number): Addresses => {
  if (isContiguous(view)) {
    return (start, count, out) => {
      for (let i = 0; i < count; i++) out[i] = start + i;
    };
  }
  const rank = Math.max(1, view.shape.length);
  const shape = view.shape.length === 0 ? [1] : view.shape;
  const strides = view.shape.length === 0 ? [0] : view.strides;
  const low = shape.map((_, d) => view.valid?.[d]?.[0] ?? 0);
  const high = shape.map((n, d) => view.valid?.[d]?.[1] ?? n);
  const last = rank - 1;
  const size = shape[last] as number;
  const step = strides[last] as number;
  const position = new Array<number>(rank).fill(0);
  return (start, count, out) => {
    let rest = start;
    for (let d = last; d >= 0; d--) {
      const n = shape[d] as number;
      position[d] = rest % n;
      rest = Math.floor(rest / n);
    }
    let i = 0;
    while (i < count) {
      let address = view.offset;
      let exists = true;
      for (let d = 0; d < last; d++) {
        const p = position[d] as number;
        address += p * (strides[d] as number);
        if (p < (low[d] as number) || p >= (high[d] as number)) exists = false;
      }
      const first = position[last] as number;
      const end = Math.min(size, first + count - i);
      const from = exists ? (low[last] as number) : end;
      const to = high[last] as number;
      for (let p = first; p < end; p++) out[i++] = p >= from && p < to ? address + p * step : missing;
      position[last] = 0;
      for (let d = last - 1; d >= 0; d--) {
        position[d] = (position[d] as number) + 1;
        if ((position[d] as number) < (shape[d] as number)) break;
        position[d] = 0;
      }
    }
  };
};

const decoders: { readonly [D in DType]?: (pattern: number) => number } = {
  float16: fromFloat16,
  bfloat16: fromBfloat16,
};

const encoders: { readonly [D in DType]?: (value: number) => number } = {
  float16: toFloat16,
  bfloat16: toBfloat16,
  bool: (value) => (value ? 1 : 0),
};

/** Reads elements as numbers, 0 where the address is -1. */
export const readAt = (
  dtype: DType,
  array: HostArray,
  addresses: Float64Array,
  count: number,
  out: Float64Array,
): void => {
  const decode = decoders[dtype];
  for (let i = 0; i < count; i++) {
    const address = addresses[i] as number;
    out[i] = address < 0 ? 0 : decode ? decode(array[address] as number) : (array[address] as number);
  }
};

/** Writes numbers of the dtype's compute type, rounded to the dtype. */
export const writeAt = (
  dtype: DType,
  array: HostArray,
  addresses: Float64Array,
  count: number,
  values: Float64Array,
): void => {
  const encode = encoders[dtype];
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    array[addresses[i] as number] = encode ? encode(value) : value;
  }
};

const addresses = new Float64Array(blockSize);

/** All elements of an input's view in row-major order. */
export const readView = (input: KernelInput, array: HostArray): Float64Array => {
  const size = sizeOf(input.view.shape);
  const values = new Float64Array(size);
  const address = addressesOf(input.view, -1);
  for (let start = 0; start < size; start += blockSize) {
    const count = Math.min(blockSize, size - start);
    address(start, count, addresses);
    readAt(input.dtype, array, addresses, count, values.subarray(start, start + count));
  }
  return values;
};

/** Stores values given in row-major order of `shape`. */
export const writeStrided = (
  dtype: DType,
  array: HostArray,
  shape: Shape,
  strides: readonly number[],
  values: Float64Array,
): void => {
  const address = addressesOf({ shape, strides, offset: 0, valid: undefined }, -1);
  for (let start = 0; start < values.length; start += blockSize) {
    const count = Math.min(blockSize, values.length - start);
    address(start, count, addresses);
    writeAt(dtype, array, addresses, count, values.subarray(start, start + count));
  }
};

/** The first and last element that a view touches; undefined when it touches none. */
export const extentOf = (view: View): readonly [number, number] | undefined => {
  let low = view.offset;
  let high = view.offset;
  for (let d = 0; d < view.shape.length; d++) {
    const [from, to] = view.valid?.[d] ?? [0, view.shape[d] as number];
    if (from >= to) return undefined;
    const stride = view.strides[d] as number;
    low += Math.min(from * stride, (to - 1) * stride);
    high += Math.max(from * stride, (to - 1) * stride);
  }
  return [low, high];
};
