import type { Matrix } from "../hostPrimitive.ts";

/** L and U in one matrix, the rows' order, and the sign of that permutation. */
export interface Factors {
  readonly lu: Float64Array;
  readonly rows: Int32Array;
  readonly sign: number;
}

/** Gaussian elimination with row exchange. */
export const eliminate = ({ values, rows: n }: Matrix): Factors => {
  const lu = values.slice();
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  const at = (i: number, j: number): number => lu[i * n + j] as number;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(at(i, k)) > Math.abs(at(best, k))) best = i;
    if (best !== k) {
      for (let j = 0; j < n; j++) {
        const swap = at(k, j);
        lu[k * n + j] = at(best, j);
        lu[best * n + j] = swap;
      }
      const row = rows[k] as number;
      rows[k] = rows[best] as number;
      rows[best] = row;
      sign = -sign;
    }
    const pivot = at(k, k);
    if (pivot === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const factor = at(i, k) / pivot;
      lu[i * n + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) lu[i * n + j] = at(i, j) - factor * at(k, j);
    }
  }
  return { lu, rows, sign };
};

/** X with A X = B; infinite or NaN when A is singular. */
export const solveLinear = (x: Float64Array, a: Matrix, { values: b, columns: k }: Matrix): void => {
  const n = a.rows;
  const { lu, rows } = eliminate(a);
  const subtract = (i: number, j: number): void => {
    const factor = lu[i * n + j] as number;
    for (let c = 0; c < k; c++) x[i * k + c] = (x[i * k + c] as number) - factor * (x[j * k + c] as number);
  };
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < k; c++) x[i * k + c] = b[(rows[i] as number) * k + c] as number;
    for (let j = 0; j < i; j++) subtract(i, j);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtract(i, j);
    const pivot = lu[i * n + i] as number;
    for (let c = 0; c < k; c++) x[i * k + c] = (x[i * k + c] as number) / pivot;
  }
};

/** The determinant. */
export const determinant = (result: Float64Array, a: Matrix): void => {
  const { lu, sign } = eliminate(a);
  let product = sign;
  for (let i = 0; i < a.rows; i++) product *= lu[i * a.rows + i] as number;
  // Without the sign of a zero.
  result[0] = product === 0 ? 0 : product;
};

/** The sign of the determinant and the logarithm of its size. */
export const signAndLog = (result: Float64Array, a: Matrix): void => {
  const { lu, sign } = eliminate(a);
  result[0] = sign;
  for (let i = 0; i < a.rows; i++) {
    const pivot = lu[i * a.rows + i] as number;
    result[0] = (result[0] as number) * Math.sign(pivot);
    result[1] = (result[1] as number) + Math.log(Math.abs(pivot));
  }
  if (result[0] === 0) result[0] = 0;
};
