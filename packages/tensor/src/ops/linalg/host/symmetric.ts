import type { Matrix } from "../hostPrimitive.ts";

/**
 * Eigenvalues w [n] (ascending) and vectors V [n, n] (as columns) of a symmetric matrix, one after the other: Householder's reduction to a
 * tridiagonal matrix, then the implicit QL method (Bowdler, Martin, Reinsch and Wilkinson, 1968). Reads the lower half.
 */
export const symmetricEigen = (result: Float64Array, { values: matrix, rows: n }: Matrix): void => {
  const v: Float64Array[] = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (__, j) => matrix[Math.max(i, j) * n + Math.min(i, j)] as number),
  );
  if (n === 0) return;
  if (v.some((row) => row.some((value) => !Number.isFinite(value)))) {
    result.fill(Number.NaN);
    return;
  }
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalize(v, d, e, n);
  diagonalize(v, d, e, n);
  const order = Array.from(d.keys()).sort((i, j) => (d[i] as number) - (d[j] as number));
  order.forEach((from, to) => {
    result[to] = d[from] as number;
    for (let i = 0; i < n; i++) result[n + i * n + to] = v[i]?.[from] as number;
  });
};

type Rows = readonly Float64Array[];

const at = (x: Rows | Float64Array, i: number, j?: number): number =>
  (j === undefined ? (x as Float64Array)[i] : (x as Rows)[i]?.[j]) as number;

/** d becomes the diagonal, e the one below it (from index 1), v the orthogonal transformation. */
const tridiagonalize = (v: Rows, d: Float64Array, e: Float64Array, n: number): void => {
  const row = (i: number): Float64Array => v[i] as Float64Array;
  d.set(row(n - 1));
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    let h = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(at(d, k));
    if (scale === 0) {
      e[i] = at(d, i - 1);
      for (let j = 0; j < i; j++) {
        d[j] = at(v, i - 1, j);
        row(i)[j] = 0;
        row(j)[i] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k] = at(d, k) / scale;
        h += at(d, k) ** 2;
      }
      const f = at(d, i - 1);
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        const dj = at(d, j);
        row(j)[i] = dj;
        let sum = at(e, j) + at(v, j, j) * dj;
        for (let k = j + 1; k < i; k++) {
          sum += at(v, k, j) * at(d, k);
          e[k] = at(e, k) + at(v, k, j) * dj;
        }
        e[j] = sum;
      }
      let dot = 0;
      for (let j = 0; j < i; j++) {
        e[j] = at(e, j) / h;
        dot += at(e, j) * at(d, j);
      }
      const half = dot / (h + h);
      for (let j = 0; j < i; j++) e[j] = at(e, j) - half * at(d, j);
      for (let j = 0; j < i; j++) {
        const dj = at(d, j);
        const ej = at(e, j);
        for (let k = j; k < i; k++) row(k)[j] = at(v, k, j) - (dj * at(e, k) + ej * at(d, k));
        d[j] = at(v, i - 1, j);
        row(i)[j] = 0;
      }
    }
    d[i] = h;
  }
  for (let i = 0; i < n - 1; i++) {
    row(n - 1)[i] = at(v, i, i);
    row(i)[i] = 1;
    const h = at(d, i + 1);
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = at(v, k, i + 1) / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += at(v, k, i + 1) * at(v, k, j);
        for (let k = 0; k <= i; k++) row(k)[j] = at(v, k, j) - g * at(d, k);
      }
    }
    for (let k = 0; k <= i; k++) row(k)[i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = at(v, n - 1, j);
    row(n - 1)[j] = 0;
  }
  row(n - 1)[n - 1] = 1;
  e[0] = 0;
};

/** d becomes the eigenvalues, the columns of v the vectors. */
const diagonalize = (v: Rows, d: Float64Array, e: Float64Array, n: number): void => {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let shift = 0;
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(at(d, l)) + Math.abs(at(e, l)));
    let m = l;
    while (m < n - 1 && Math.abs(at(e, m)) > Number.EPSILON * largest) m++;
    while (m > l) {
      const g = at(d, l);
      const p = (at(d, l + 1) - g) / (2 * at(e, l));
      const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
      d[l] = at(e, l) / (p + r);
      d[l + 1] = at(e, l) * (p + r);
      const h = g - at(d, l);
      for (let i = l + 2; i < n; i++) d[i] = at(d, i) - h;
      shift += h;
      chase(v, d, e, l, m);
      if (Math.abs(at(e, l)) <= Number.EPSILON * largest) break;
    }
    d[l] = at(d, l) + shift;
    e[l] = 0;
  }
};

/** One implicit QL step on rows l to m. */
const chase = (v: Rows, d: Float64Array, e: Float64Array, l: number, m: number): void => {
  let p = at(d, m);
  let [c, c2, c3] = [1, 1, 1];
  let [s, s2] = [0, 0];
  const below = at(e, l + 1);
  const next = at(d, l + 1);
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const g = c * at(e, i);
    const h = c * p;
    const r = Math.hypot(p, at(e, i));
    e[i + 1] = s * r;
    s = at(e, i) / r;
    c = p / r;
    p = c * at(d, i) - s * g;
    d[i + 1] = h + s * (c * g + s * at(d, i));
    for (const row of v) {
      const right = row[i + 1] as number;
      const left = row[i] as number;
      row[i + 1] = s * left + c * right;
      row[i] = c * left - s * right;
    }
  }
  p = (-s * s2 * c3 * below * at(e, l)) / next;
  e[l] = s * p;
  d[l] = c * p;
};
