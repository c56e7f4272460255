import type { Shape } from "./shape.ts";
import { contiguousStrides, sizeOf } from "./shape.ts";

/** Positions `low <= i < high` of one dimension that exist; outside them a view reads 0. */
export type Range = readonly [low: number, high: number];

/**
 * A way to look at a linear buffer: position `i` reads element `offset + sum(i[d] * strides[d])` when every `i[d]` lies in
 * `valid[d]`, and 0 (false) otherwise. Strides and the offset count elements and may be negative or 0.
 */
export interface View {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Undefined when every position exists. */
  readonly valid: readonly Range[] | undefined;
}

/** The whole of a buffer in row-major order. */
export const contiguousView = (shape: Shape): View => ({
  shape,
  strides: contiguousStrides(shape),
  offset: 0,
  valid: undefined,
});

/** True when the view reads elements 0, 1, 2, ... of the buffer in order. */
export const isContiguous = (view: View): boolean => {
  if (view.shape.includes(0)) return true;
  if (view.offset !== 0 || view.valid !== undefined) return false;
  let stride = 1;
  for (let d = view.shape.length - 1; d >= 0; d--) {
    const n = view.shape[d] as number;
    if (n !== 1 && view.strides[d] !== stride) return false;
    stride *= n;
  }
  return true;
};

/** True when dimension `d` of the view has positions that do not exist. */
export const isMasked = (view: View, d: number): boolean => {
  const range = view.valid?.[d];
  return range !== undefined && (range[0] > 0 || range[1] < (view.shape[d] as number));
};

const withValid = (
  shape: Shape,
  strides: readonly number[],
  offset: number,
  valid: readonly Range[] | undefined,
): View => {
  const needed = valid?.some(([low, high], d) => low > 0 || high < (shape[d] as number));
  return { shape, strides, offset, valid: needed ? valid : undefined };
};

/** The dimensions in the order of `axes`. */
export const permuteView = (view: View, axes: readonly number[]): View => ({
  shape: axes.map((d) => view.shape[d] as number),
  strides: axes.map((d) => view.strides[d] as number),
  offset: view.offset,
  valid: view.valid && axes.map((d) => view.valid?.[d] as Range),
});

/** Broadcasts to `shape` by NumPy's rule: new leading dimensions and dimensions of size 1 repeat. */
export const expandView = (view: View, shape: Shape): View => {
  const lead = shape.length - view.shape.length;
  const strides = shape.map((n, d) =>
    d < lead || view.shape[d - lead] !== n ? 0 : (view.strides[d - lead] as number),
  );
  const ranges = view.valid;
  const valid =
    ranges &&
    shape.map((n, d): Range => {
      if (d < lead) return [0, n];
      const [low, high] = ranges[d - lead] as Range;
      if (view.shape[d - lead] === n) return [low, high];
      return low < high ? [0, n] : [0, 0];
    });
  return withValid(shape, strides, view.offset, valid);
};

/** Positions `start[d] + i * step[d]` for `i < size[d]`; a negative step walks backwards. */
export const sliceView = (
  view: View,
  start: readonly number[],
  size: readonly number[],
  step: readonly number[],
): View => {
  let offset = view.offset;
  const strides = view.strides.map((stride, d) => {
    offset += (start[d] as number) * stride;
    return stride * (step[d] as number);
  });
  const valid = view.valid?.map(([low, high], d): Range => {
    const from = start[d] as number;
    const by = step[d] as number;
    const n = size[d] as number;
    const first = by > 0 ? Math.ceil((low - from) / by) : Math.ceil((from - high + 1) / -by);
    const last = by > 0 ? Math.ceil((high - from) / by) : Math.floor((from - low) / -by) + 1;
    const clampedLow = Math.min(n, Math.max(0, first));
    return [clampedLow, Math.max(clampedLow, Math.min(n, last))];
  });
  return withValid(size, strides, offset, valid);
};

/** Adds `low[d]` positions before and `high[d]` after each dimension, which read 0. */
export const padView = (view: View, low: readonly number[], high: readonly number[]): View => {
  let offset = view.offset;
  const shape = view.shape.map((n, d) => {
    offset -= (low[d] as number) * (view.strides[d] as number);
    return n + (low[d] as number) + (high[d] as number);
  });
  const valid = view.shape.map((n, d): Range => {
    const [from, to] = view.valid?.[d] ?? [0, n];
    return [from + (low[d] as number), to + (low[d] as number)];
  });
  return withValid(shape, view.strides, offset, valid);
};

/** Joins two axes into their diagonal, appended as the last dimension: position `i` reads `(i - min(k,0), i + max(k,0))`. */
export const diagonalView = (view: View, axis1: number, axis2: number, k: number): View => {
  const row = Math.max(0, -k);
  const column = Math.max(0, k);
  const size = Math.max(0, Math.min((view.shape[axis1] as number) - row, (view.shape[axis2] as number) - column));
  const rest = view.shape.map((_, d) => d).filter((d) => d !== axis1 && d !== axis2);
  const stride1 = view.strides[axis1] as number;
  const stride2 = view.strides[axis2] as number;
  const clip = ([low, high]: Range, by: number): Range => [Math.max(0, low - by), Math.min(size, high - by)];
  const valid =
    view.valid &&
    ((): Range[] => {
      const a = clip(view.valid[axis1] as Range, row);
      const b = clip(view.valid[axis2] as Range, column);
      const low = Math.min(size, Math.max(a[0], b[0]));
      return [...rest.map((d) => view.valid?.[d] as Range), [low, Math.max(low, Math.min(a[1], b[1]))]];
    })();
  return withValid(
    [...rest.map((d) => view.shape[d] as number), size],
    [...rest.map((d) => view.strides[d] as number), stride1 + stride2],
    view.offset + row * stride1 + column * stride2,
    valid,
  );
};

/**
 * Sliding windows along `axis`: the axis becomes the number of windows and a last dimension of `size` positions is appended;
 * window `w`, position `i` reads `w * step + i * dilation`. Undefined when the axis has positions that do not exist.
 */
export const windowsView = (
  view: View,
  axis: number,
  size: number,
  step: number,
  dilation: number,
): View | undefined => {
  if (isMasked(view, axis)) return undefined;
  const n = view.shape[axis] as number;
  const stride = view.strides[axis] as number;
  const count = Math.max(0, Math.floor((n - (size - 1) * dilation - 1) / step) + 1);
  const valid = view.valid && [
    ...view.valid.map((range, d): Range => (d === axis ? [0, count] : range)),
    [0, size] as Range,
  ];
  return withValid(
    [...view.shape.map((m, d) => (d === axis ? count : m)), size],
    [...view.strides.map((s, d) => (d === axis ? s * step : s)), stride * dilation],
    view.offset,
    valid,
  );
};

/** The same elements in row-major order under another shape of the same size; undefined where only a copy can do it. */
export const reshapeView = (view: View, shape: Shape): View | undefined => {
  if (sizeOf(shape) === 0) return { shape, strides: contiguousStrides(shape), offset: 0, valid: undefined };
  const strides = new Array<number>(shape.length).fill(0);
  const valid = shape.map((n): Range => [0, n]);
  let offset = view.offset;
  // A masked dimension of size 1 is either wholly there or wholly missing.
  let missing = false;
  const dims: number[] = [];
  for (let d = 0; d < view.shape.length; d++) {
    if (view.shape[d] !== 1) dims.push(d);
    else if (isMasked(view, d)) missing = true;
  }
  const targets: number[] = [];
  for (let d = 0; d < shape.length; d++) if (shape[d] !== 1) targets.push(d);
  let i = 0;
  let j = 0;
  while (i < dims.length || j < targets.length) {
    const from = i;
    const to = j;
    let have = view.shape[dims[i++] as number] as number;
    let want = shape[targets[j++] as number] as number;
    while (have !== want) {
      if (have < want) have *= view.shape[dims[i++] as number] as number;
      else want *= shape[targets[j++] as number] as number;
    }
    if (i - from === 1 && j - to === 1) {
      strides[targets[to] as number] = view.strides[dims[from] as number] as number;
      valid[targets[to] as number] = view.valid?.[dims[from] as number] ?? [0, want];
      continue;
    }
    const sources = dims.slice(from, i);
    const group = targets.slice(to, j);
    if (sources.some((d) => isMasked(view, d))) {
      const split =
        sources.length === 1 ? splitRange(view.valid?.[sources[0] as number] as Range, group, shape) : undefined;
      if (split === undefined) return undefined;
      group.forEach((target, k) => {
        valid[target] = split[k] as Range;
      });
    }
    for (let k = 0; k + 1 < sources.length; k++) {
      const next = sources[k + 1] as number;
      const run = (view.strides[next] as number) * (view.shape[next] as number);
      if (view.strides[sources[k] as number] !== run) return undefined;
    }
    let stride = view.strides[dims[i - 1] as number] as number;
    for (let k = j - 1; k >= to; k--) {
      const target = targets[k] as number;
      strides[target] = stride;
      stride *= shape[target] as number;
    }
  }
  if (missing) {
    if (shape.length === 0) return undefined;
    valid[0] = [0, 0];
    offset = 0;
  }
  return withValid(shape, strides, offset, valid);
};

/** The range of one dimension as ranges of the dimensions it is split into, where it covers whole blocks of the inner ones. */
const splitRange = ([low, high]: Range, targets: readonly number[], shape: Shape): Range[] | undefined => {
  const inner = sizeOf(targets.slice(1).map((t) => shape[t] as number));
  if (low % inner !== 0 || high % inner !== 0) return undefined;
  return targets.map((t, k): Range => (k === 0 ? [low / inner, high / inner] : [0, shape[t] as number]));
};
