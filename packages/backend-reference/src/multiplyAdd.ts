import type { ComputeType } from "@gradloom/backend";
import { wrap } from "./scalarOps.ts";

export type MultiplyAdd = (sum: number, a: number, b: number) => number;

/** One step of a sum of products: floats in float64, integers wrapping. */
export const multiplyAdd = (type: ComputeType): MultiplyAdd =>
  type === "float32" || type === "float64" ? (sum, a, b) => sum + a * b : (sum, a, b) => (sum + Math.imul(a, b)) | 0;

/** Rounds float64 sums to the type they stand for. */
export const roundAll = (values: Float64Array, type: ComputeType): Float64Array => {
  const round = wrap[type];
  for (let i = 0; i < values.length; i++) values[i] = round(values[i] as number);
  return values;
};
