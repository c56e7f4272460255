import type { DType } from "../dtype.ts";

/** Values of every kind that a dtype can hold. */
export const special: Readonly<Record<DType, readonly number[]>> = {
  float32: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 3.4028234663852886e38, 1.1754943508222875e-38, 0.1],
  float16: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 65504, 2 ** -14, 2 ** -24, -1023 * 2 ** -24, 0.1],
  bfloat16: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 3.3895313892515355e38, 2 ** -126, 0.1],
  float64: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, 2.2250738585072014e-308, 0.1],
  int32: [0, 1, -1, 2147483647, -2147483648, 255, 65536],
  uint32: [0, 1, 4294967295, 2147483648, 255, 65536],
  int8: [0, 1, -1, 127, -128],
  uint8: [0, 1, 127, 128, 255],
  bool: [0, 1],
};
