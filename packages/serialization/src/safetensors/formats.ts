import type { DType } from "@gradloom/backend";

/** How elements of a safetensors type lie in the file. */
export interface ElementFormat {
  readonly bytes: number;
  /** Our type of the same bytes. */
  readonly dtype?: DType;
  /** Integers that no type of ours holds, but int32 may. */
  readonly integer?: "BigInt64" | "BigUint64" | "Int16" | "Uint16";
}

/** Every element type that safetensors files know. */
export const formats = {
  F32: { bytes: 4, dtype: "float32" },
  F16: { bytes: 2, dtype: "float16" },
  BF16: { bytes: 2, dtype: "bfloat16" },
  F64: { bytes: 8, dtype: "float64" },
  I32: { bytes: 4, dtype: "int32" },
  U32: { bytes: 4, dtype: "uint32" },
  I8: { bytes: 1, dtype: "int8" },
  U8: { bytes: 1, dtype: "uint8" },
  BOOL: { bytes: 1, dtype: "bool" },
  I64: { bytes: 8, integer: "BigInt64" },
  U64: { bytes: 8, integer: "BigUint64" },
  I16: { bytes: 2, integer: "Int16" },
  U16: { bytes: 2, integer: "Uint16" },
  F8_E4M3: { bytes: 1 },
  F8_E5M2: { bytes: 1 },
  F8_E8M0: { bytes: 1 },
  C64: { bytes: 8 },
} as const satisfies Record<string, ElementFormat>;

export type FormatName = keyof typeof formats;

export const isFormatName = (name: unknown): name is FormatName =>
  typeof name === "string" && Object.hasOwn(formats, name);

/** The name of each of our types in files. */
export const nameOf: Readonly<Record<DType, FormatName>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float64: "F64",
  int32: "I32",
  uint32: "U32",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};
