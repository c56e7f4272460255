import type { Matrix } from "../hostPrimitive.ts";

/** Q [m, n] and R [n, n] one after the other, for A [m, n] with m >= n, by Householder reflections with LAPACK's signs. */
export const householder = (result: Float64Array, { values, rows: m, columns: n }: Matrix): void => {
  const r = values.slice();
  const at = (i: number, j: number): number => r[i * n + j] as number;
  const scale = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let tail = 0;
    for (let i = k + 1; i < m; i++) tail = Math.hypot(tail, at(i, k));
    const alpha = at(k, k);
    if (tail === 0) continue;
    const beta = alpha > 0 ? -Math.hypot(alpha, tail) : Math.hypot(alpha, tail);
    // H = I - tau v v^T with v = (1, rest).
    const tau = (beta - alpha) / beta;
    for (let i = k + 1; i < m; i++) r[i * n + k] = at(i, k) / (alpha - beta);
    for (let j = k + 1; j < n; j++) {
      let dot = at(k, j);
      for (let i = k + 1; i < m; i++) dot += at(i, k) * at(i, j);
      r[k * n + j] = at(k, j) - tau * dot;
      for (let i = k + 1; i < m; i++) r[i * n + j] = at(i, j) - tau * dot * at(i, k);
    }
    r[k * n + k] = beta;
    scale[k] = tau;
  }
  const q = result.subarray(0, m * n);
  for (let j = 0; j < n; j++) q[j * n + j] = 1;
  for (let k = n - 1; k >= 0; k--) {
    const tau = scale[k] as number;
    if (tau === 0) continue;
    for (let j = k; j < n; j++) {
      let dot = q[k * n + j] as number;
      for (let i = k + 1; i < m; i++) dot += at(i, k) * (q[i * n + j] as number);
      q[k * n + j] = (q[k * n + j] as number) - tau * dot;
      for (let i = k + 1; i < m; i++) q[i * n + j] = (q[i * n + j] as number) - tau * dot * at(i, k);
    }
  }
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) result[m * n + i * n + j] = at(i, j);
};
