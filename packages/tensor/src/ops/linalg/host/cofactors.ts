import type { Matrix } from "../hostPrimitive.ts";
import { singularValues } from "./jacobi.ts";
import { determinant } from "./lu.ts";

/** det(U) det(V) U diag(product of the other singular values) V^T: the cofactors of U diag(s) V^T. */
export const cofactors = (result: Float64Array, a: Matrix): void => {
  const n = a.rows;
  const parts = new Float64Array(2 * n * n + n);
  singularValues(parts, a);
  const u = parts.subarray(0, n * n);
  const s = parts.subarray(n * n, n * n + n);
  const v = parts.subarray(n * n + n);
  const sign = signOf(u, n) * signOf(v, n);
  for (let k = 0; k < n; k++) {
    let others = sign;
    for (let j = 0; j < n; j++) if (j !== k) others *= s[j] as number;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        result[i * n + j] =
          (result[i * n + j] as number) + (u[i * n + k] as number) * others * (v[k * n + j] as number);
      }
    }
  }
};

/** The determinant, 1 or -1, of an orthogonal matrix. */
const signOf = (values: Float64Array, n: number): number => {
  const result = new Float64Array(1);
  determinant(result, { values, rows: n, columns: n });
  return Math.sign(result[0] as number);
};
