import type { DType, HostArray } from "./dtype.ts";
import { computeType } from "./dtype.ts";

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The float16 bit pattern nearest to `value`, ties to even. */
export const toFloat16 = (value: number): number => {
  float[0] = value;
  const x = bits[0] as number;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // A float64 is rounded to float32 before this; rounding once more is only exact for float32 input.
  if (magnitude < 0x38800000) {
    const scaled = Math.abs(float[0] as number) * 2 ** 24;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    return sign | (floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0));
  }
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
};

/** The number that a float16 bit pattern stands for. */
export const fromFloat16 = (pattern: number): number => {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** The bfloat16 bit pattern nearest to `value`, ties to even. */
export const toBfloat16 = (value: number): number => {
  float[0] = value;
  const x = bits[0] as number;
  if ((x & 0x7fffffff) > 0x7f800000) return (x >>> 16) | 0x40;
  return (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
};

/** The number that a bfloat16 bit pattern stands for. */
export const fromBfloat16 = (pattern: number): number => {
  bits[0] = pattern << 16;
  return float[0] as number;
};

/** Reads element `index` of a host array as a number. */
export const readElement = (dtype: DType, array: HostArray, index: number): number => {
  const raw = array[index] as number;
  return dtype === "float16" ? fromFloat16(raw) : dtype === "bfloat16" ? fromBfloat16(raw) : raw;
};

/** Writes a number as element `index`, after `roundTo(dtype, value)`. */
export const writeElement = (dtype: DType, array: HostArray, index: number, value: number): void => {
  array[index] =
    dtype === "float16"
      ? toFloat16(Math.fround(value))
      : dtype === "bfloat16"
        ? toBfloat16(value)
        : roundTo(dtype, value);
};

/**
 * The value that `value` takes when cast to `dtype`: floats round to nearest, ties to even; a fraction is cut off and int32/uint32
 * saturate (NaN gives 0); int8 and uint8 keep the low byte of that int32; bool is `value != 0`.
 */
export const roundTo = (dtype: DType, value: number): number => {
  switch (dtype) {
    case "float32":
      return Math.fround(value);
    case "float64":
      return value;
    case "float16":
      return fromFloat16(toFloat16(Math.fround(value)));
    case "bfloat16":
      return fromBfloat16(toBfloat16(value));
    case "bool":
      return value === 0 ? 0 : 1;
    case "uint32":
      return value >= 4294967295 ? 4294967295 : value > 0 ? Math.trunc(value) : 0;
    default: {
      const whole = Number.isNaN(value) ? 0 : Math.trunc(Math.max(-2147483648, Math.min(2147483647, value)));
      return dtype === "int8" ? (whole << 24) >> 24 : dtype === "uint8" ? whole & 255 : whole + 0;
    }
  }
};

/** The value range of a compute type's identity elements: its lowest and highest values. */
export const lowest = (dtype: DType): number =>
  ({ float32: -Infinity, float64: -Infinity, int32: -2147483648, uint32: 0, bool: 0 })[computeType(dtype)];

export const highest = (dtype: DType): number =>
  ({ float32: Infinity, float64: Infinity, int32: 2147483647, uint32: 4294967295, bool: 1 })[computeType(dtype)];
