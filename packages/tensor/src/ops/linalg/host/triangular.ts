import type { Matrix } from "../hostPrimitive.ts";

/** Which half of the matrix counts, and whether its diagonal is taken as ones. */
export interface Triangle {
  readonly lower: boolean;
  readonly unitDiagonal: boolean;
}

/** X with A X = B for a triangular A [n, n], B [n, k], by substitution. */
export const substitute = (
  x: Float64Array,
  { values: a, rows: n }: Matrix,
  { values: b, columns: k }: Matrix,
  { lower, unitDiagonal }: Triangle,
): void => {
  x.set(b);
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step;
    const from = lower ? 0 : i + 1;
    const to = lower ? i : n;
    for (let j = from; j < to; j++) {
      const factor = a[i * n + j] as number;
      for (let c = 0; c < k; c++) x[i * k + c] = (x[i * k + c] as number) - factor * (x[j * k + c] as number);
    }
    if (unitDiagonal) continue;
    const pivot = a[i * n + i] as number;
    for (let c = 0; c < k; c++) x[i * k + c] = (x[i * k + c] as number) / pivot;
  }
};

/** L with A = L L^T from the lower half of A; NaN throughout when A is not positive definite. */
export const choleskyFactor = (l: Float64Array, { values: a, rows: n }: Matrix): void => {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number);
      if (i !== j) l[i * n + j] = sum / (l[j * n + j] as number);
      else if (sum > 0) l[i * n + i] = Math.sqrt(sum);
      else {
        l.fill(Number.NaN);
        return;
      }
    }
  }
};
