import type { DType } from "@gradloom/backend";
import { dtypes } from "@gradloom/backend";

/**
 * The element type of an operation on two types, as in PyTorch; uint32, which PyTorch leaves out, is an int32-sized unsigned type
 * (with a signed one it gives int32).
 */
const table: Readonly<Record<DType, Readonly<Record<DType, DType>>>> = (() => {
  const f32 = "float32";
  const f16 = "float16";
  const bf16 = "bfloat16";
  const f64 = "float64";
  const i32 = "int32";
  const u32 = "uint32";
  const i8 = "int8";
  const u8 = "uint8";
  // Rows and columns in the order of `dtypes`: float32 float16 bfloat16 float64 int32 uint32 int8 uint8 bool.
  const rows: readonly (readonly DType[])[] = [
    [f32, f32, f32, f64, f32, f32, f32, f32, f32],
    [f32, f16, f32, f64, f16, f16, f16, f16, f16],
    [f32, f32, bf16, f64, bf16, bf16, bf16, bf16, bf16],
    [f64, f64, f64, f64, f64, f64, f64, f64, f64],
    [f32, f16, bf16, f64, i32, i32, i32, i32, i32],
    [f32, f16, bf16, f64, i32, u32, i32, u32, u32],
    [f32, f16, bf16, f64, i32, i32, i8, "int32", i8],
    [f32, f16, bf16, f64, i32, u32, "int32", u8, u8],
    [f32, f16, bf16, f64, i32, u32, i8, u8, "bool"],
  ];
  return Object.fromEntries(
    dtypes.map((a, i) => [a, Object.fromEntries(dtypes.map((b, j) => [b, rows[i]?.[j]]))]),
  ) as Record<DType, Record<DType, DType>>;
})();

/** The element type of an operation on elements of types `a` and `b`. */
export const promoteTypes = (a: DType, b: DType): DType => (a === b ? a : table[a][b]);
