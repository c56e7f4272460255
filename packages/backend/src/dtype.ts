/** The element types that a tensor may have. */
export const dtypes = [
  "float32",
  "float16",
  "bfloat16",
  "float64",
  "int32",
  "uint32",
  "int8",
  "uint8",
  "bool",
] as const;

export type DType = (typeof dtypes)[number];

/** The types in which scalar expressions calculate; narrower types are widened by loads and rounded by casts and stores. */
export type ComputeType = "float32" | "float64" | "int32" | "uint32" | "bool";

interface DTypeFacts {
  readonly bytes: number;
  readonly compute: ComputeType;
  readonly kind: "float" | "int" | "bool";
}

const facts: Readonly<Record<DType, DTypeFacts>> = {
  float32: { bytes: 4, compute: "float32", kind: "float" },
  float16: { bytes: 2, compute: "float32", kind: "float" },
  bfloat16: { bytes: 2, compute: "float32", kind: "float" },
  float64: { bytes: 8, compute: "float64", kind: "float" },
  int32: { bytes: 4, compute: "int32", kind: "int" },
  uint32: { bytes: 4, compute: "uint32", kind: "int" },
  int8: { bytes: 1, compute: "int32", kind: "int" },
  uint8: { bytes: 1, compute: "int32", kind: "int" },
  bool: { bytes: 1, compute: "bool", kind: "bool" },
};

/** Bytes of one stored element. */
export const byteSize = (dtype: DType): number => facts[dtype].bytes;

/** The type in which elements of `dtype` are calculated. */
export const computeType = (dtype: DType): ComputeType => facts[dtype].compute;

export const isFloat = (dtype: DType): boolean => facts[dtype].kind === "float";

/** True for the integer types, bool excluded. */
export const isInteger = (dtype: DType): boolean => facts[dtype].kind === "int";

export const isDType = (name: unknown): name is DType => typeof name === "string" && Object.hasOwn(facts, name);

/** The arrays that hold elements on the host: float16 and bfloat16 as their bit patterns, bool as 0 and 1. */
export interface HostArrays {
  float32: Float32Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  float64: Float64Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int8: Int8Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

export type HostArray = HostArrays[DType];

type HostArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): HostArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): HostArray;
};

const arrays: Readonly<Record<DType, HostArrayConstructor>> = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** A zeroed host array of `length` elements. */
export const hostArray = <D extends DType>(dtype: D, length: number): HostArrays[D] =>
  new arrays[dtype](length) as HostArrays[D];

/** The bytes of `buffer` seen as elements of `dtype`, without a copy. */
export const hostArrayOver = <D extends DType>(
  dtype: D,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): HostArrays[D] => new arrays[dtype](buffer, byteOffset, length) as HostArrays[D];
