import type { DType, HostArray } from "@gradloom/backend";

/** An array with a shape in the memory of JavaScript: how images and other arrays of single examples come. */
export interface HostTensor {
  readonly data: HostArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

export const isHostTensor = (value: unknown): value is HostTensor =>
  typeof value === "object" && value !== null && "data" in value && "shape" in value && "dtype" in value;

/** The element type that a typed array has by itself; 16-bit patterns could be of two. */
export const dtypeOf = (array: ArrayBufferView): DType | undefined => {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint32Array) return "uint32";
  if (array instanceof Int8Array) return "int8";
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return "uint8";
  return undefined;
};
