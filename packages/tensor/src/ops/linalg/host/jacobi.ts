import type { Matrix } from "../hostPrimitive.ts";

/** Most passes over all pairs of columns; convergence is quadratic and takes about ten. */
const mostSweeps = 60;

/** U [m, n], s [n] (descending) and V^T [n, n] one after the other, for A [m, n] with m >= n, by one-sided Jacobi rotations (Hestenes, 1958). */
export const singularValues = (result: Float64Array, { values: a, rows: m, columns: n }: Matrix): void => {
  if (a.some((value) => !Number.isFinite(value))) {
    result.fill(Number.NaN);
    return;
  }
  // Columns lie one after the other: column j of A V is u[j m ...], column j of V is v[j n ...].
  const u = new Float64Array(m * n);
  const v = new Float64Array(n * n);
  let largest = 0;
  for (const value of a) largest = Math.max(largest, Math.abs(value));
  const unit = largest > 0 ? largest : 1;
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) u[j * m + i] = (a[i * n + j] as number) / unit;
  for (let j = 0; j < n; j++) v[j * n + j] = 1;
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) if (rotate(u, v, p, q, m, n)) rotated = true;
    if (!rotated) break;
  }
  const lengths = Float64Array.from({ length: n }, (_, j) => norm(u, j * m, m));
  const order = Array.from(lengths.keys()).sort((i, j) => (lengths[j] as number) - (lengths[i] as number));
  const tiny = (lengths[order[0] ?? 0] ?? 0) * Math.max(m, n) * 2e-16;
  order.forEach((j, k) => {
    const length = lengths[j] as number;
    result[m * n + k] = length * unit;
    for (let i = 0; i < n; i++) result[m * n + n + k * n + i] = v[j * n + i] as number;
    if (length > tiny) for (let i = 0; i < m; i++) result[i * n + k] = (u[j * m + i] as number) / length;
    else complete(result, k, m, n);
  });
};

/** Makes columns p and q orthogonal; false when they already are. */
const rotate = (u: Float64Array, v: Float64Array, p: number, q: number, m: number, n: number): boolean => {
  let alpha = 0;
  let beta = 0;
  let gamma = 0;
  for (let i = 0; i < m; i++) {
    const x = u[p * m + i] as number;
    const y = u[q * m + i] as number;
    alpha += x * x;
    beta += y * y;
    gamma += x * y;
  }
  const noise = Number.EPSILON * Math.max(10, Math.sqrt(m));
  if (gamma === 0 || Math.abs(gamma) <= noise * Math.sqrt(alpha) * Math.sqrt(beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  const s = c * t;
  turn(u, p * m, q * m, m, c, s);
  turn(v, p * n, q * n, n, c, s);
  return true;
};

const turn = (x: Float64Array, p: number, q: number, length: number, c: number, s: number): void => {
  for (let i = 0; i < length; i++) {
    const a = x[p + i] as number;
    const b = x[q + i] as number;
    x[p + i] = c * a - s * b;
    x[q + i] = s * a + c * b;
  }
};

const norm = (x: Float64Array, from: number, length: number): number => {
  let sum = 0;
  for (let i = from; i < from + length; i++) sum += (x[i] as number) ** 2;
  return Math.sqrt(sum);
};

/** Fills column k of U, whose singular value is 0, with a unit vector orthogonal to the columns before. */
const complete = (u: Float64Array, k: number, m: number, n: number): void => {
  const candidate = new Float64Array(m);
  for (let axis = 0; axis < m; axis++) {
    candidate.fill(0);
    candidate[axis] = 1;
    // Twice is enough (Kahan).
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < k; j++) {
        let dot = 0;
        for (let i = 0; i < m; i++) dot += (candidate[i] as number) * (u[i * n + j] as number);
        for (let i = 0; i < m; i++) candidate[i] = (candidate[i] as number) - dot * (u[i * n + j] as number);
      }
    }
    const length = norm(candidate, 0, m);
    if (length < 0.5 / Math.sqrt(m)) continue;
    for (let i = 0; i < m; i++) u[i * n + k] = (candidate[i] as number) / length;
    return;
  }
};
