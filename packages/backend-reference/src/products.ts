import type { ComputeType } from "@gradloom/backend";
import { wrap } from "./scalarOps.ts";

/** Sums of products: floats in float64, integers wrapping. */
export interface Products {
  /** y[to + j] += a x[from + j] for `count` elements. */
  addMultiple(y: Float64Array, to: number, a: number, x: Float64Array, from: number, count: number): void;
  /** sum + Σ a[at + j] b[from + j] over `count` elements. */
  addDot(sum: number, a: Float64Array, at: number, b: Float64Array, from: number, count: number): number;
}

const floats: Products = {
  addMultiple: (y, to, a, x, from, count) => {
    for (let j = 0; j < count; j++) y[to + j] = (y[to + j] as number) + a * (x[from + j] as number);
  },
  addDot: (sum, a, at, b, from, count) => {
    for (let j = 0; j < count; j++) sum += (a[at + j] as number) * (b[from + j] as number);
    return sum;
  },
};

const integers: Products = {
  addMultiple: (y, to, a, x, from, count) => {
    for (let j = 0; j < count; j++) y[to + j] = ((y[to + j] as number) + Math.imul(a, x[from + j] as number)) | 0;
  },
  addDot: (sum, a, at, b, from, count) => {
    for (let j = 0; j < count; j++) sum = (sum + Math.imul(a[at + j] as number, b[from + j] as number)) | 0;
    return sum;
  },
};

export const productsOf = (type: ComputeType): Products =>
  type === "float32" || type === "float64" ? floats : integers;

/** Rounds float64 sums to the type they stand for. */
export const roundAll = (values: Float64Array, type: ComputeType): Float64Array => {
  const round = wrap[type];
  for (let i = 0; i < values.length; i++) values[i] = round(values[i] as number);
  return values;
};
