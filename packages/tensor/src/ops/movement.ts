import type { Shape } from "@gradloom/backend";
import {
  ArgumentError,
  checkShape,
  contiguousView,
  diagonalView,
  expandView,
  formatShape,
  normalizeAxis,
  padView,
  permuteView,
  reshapeView,
  ShapeError,
  sameShape,
  sizeOf,
  sliceView,
  windowsView,
} from "@gradloom/backend";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

const first = (inputs: readonly Tensor[]): Tensor => inputs[0] as Tensor;

export const reshapePrimitive = definePrimitive<{ readonly shape: Shape }>({
  name: "reshape",
  infer: ([x], { shape }) => ({ shape, dtype: (x as Tensor).dtype }),
  lower: { kind: "view", apply: (view, { shape }) => reshapeView(view, shape) },
  gradient: ({ inputs }, g) => [g.reshape(first(inputs).shape)],
});

export const permutePrimitive = definePrimitive<{ readonly axes: readonly number[] }>({
  name: "permute",
  infer: ([x], { axes }) => ({
    shape: axes.map((d) => (x as Tensor).shape[d] as number),
    dtype: (x as Tensor).dtype,
  }),
  lower: { kind: "view", apply: (view, { axes }) => permuteView(view, axes) },
  gradient: ({ attributes: { axes } }, g) => {
    const inverse = new Array<number>(axes.length);
    axes.forEach((from, to) => {
      inverse[from] = to;
    });
    return [g.permute(inverse)];
  },
});

export const expandPrimitive = definePrimitive<{ readonly shape: Shape }>({
  name: "broadcastTo",
  infer: ([x], { shape }) => ({ shape, dtype: (x as Tensor).dtype }),
  lower: { kind: "view", apply: (view, { shape }) => expandView(view, shape) },
  gradient: ({ inputs, shape }, g) => {
    const from = first(inputs).shape;
    const lead = shape.length - from.length;
    const axes = shape.map((_, d) => d).filter((d) => d < lead || (from[d - lead] === 1 && shape[d] !== 1));
    return [g.sum(axes).reshape(from)];
  },
});

export const slicePrimitive = definePrimitive<{
  readonly start: readonly number[];
  readonly size: readonly number[];
  readonly step: readonly number[];
}>({
  name: "slice",
  infer: ([x], { size }) => ({ shape: size, dtype: (x as Tensor).dtype }),
  lower: { kind: "view", apply: (view, { start, size, step }) => sliceView(view, start, size, step) },
  gradient: ({ inputs, attributes: { start, size, step } }, g) => [unslice(g, first(inputs).shape, start, size, step)],
});

export const padPrimitive = definePrimitive<{ readonly low: readonly number[]; readonly high: readonly number[] }>({
  name: "pad",
  infer: ([x], { low, high }) => ({
    shape: (x as Tensor).shape.map((n, d) => n + (low[d] as number) + (high[d] as number)),
    dtype: (x as Tensor).dtype,
  }),
  lower: { kind: "view", apply: (view, { low, high }) => padView(view, low, high) },
  gradient: ({ inputs, attributes: { low } }, g) => {
    const { shape } = first(inputs);
    return [g.derive(slicePrimitive, [g], { start: low, size: shape, step: shape.map(() => 1) })];
  },
});

/** The adjoint of slicing: zeros of `shape` with `g` at the positions that the slice took. */
const unslice = (
  g: Tensor,
  shape: Shape,
  start: readonly number[],
  size: readonly number[],
  step: readonly number[],
): Tensor => {
  const rank = shape.length;
  // A backward slice is a forward one of the flipped range; steps beyond 1 are undone by interleaving zeros.
  let x = g;
  if (step.some((s) => s < 0)) {
    x = x.derive(slicePrimitive, [x], {
      start: step.map((s, d) => (s < 0 ? Math.max(0, (size[d] as number) - 1) : 0)),
      size,
      step: step.map((s) => (s < 0 ? -1 : 1)),
    });
  }
  const low = start.map((s, d) =>
    (step[d] as number) < 0 && (size[d] as number) > 0 ? s + ((size[d] as number) - 1) * (step[d] as number) : s,
  );
  const by = step.map(Math.abs);
  if (by.some((s) => s > 1)) {
    const interleaved = size.flatMap((n) => [n, 1]);
    x = x.reshape(interleaved);
    const zeros = new Array<number>(2 * rank).fill(0);
    x = x.derive(padPrimitive, [x], {
      low: zeros,
      high: zeros.map((_, d) => (d % 2 ? (by[(d - 1) / 2] as number) - 1 : 0)),
    });
    x = x.reshape(size.map((n, d) => n * (by[d] as number)));
    const trimmed = size.map((n, d) => Math.max(0, (n - 1) * (by[d] as number) + 1));
    x = x.derive(slicePrimitive, [x], {
      start: size.map(() => 0),
      size: trimmed.map((n, d) => (size[d] === 0 ? 0 : n)),
      step: size.map(() => 1),
    });
  }
  const high = shape.map((n, d) => n - (low[d] as number) - (x.shape[d] as number));
  if (low.every((n) => n === 0) && high.every((n) => n === 0)) return x;
  return x.derive(padPrimitive, [x], { low, high });
};

export const diagonalPrimitive = definePrimitive<{
  readonly offset: number;
  readonly axis1: number;
  readonly axis2: number;
}>({
  name: "diagonal",
  infer: ([x], { offset, axis1, axis2 }) => ({
    shape: diagonalView(contiguousView((x as Tensor).shape), axis1, axis2, offset).shape,
    dtype: (x as Tensor).dtype,
  }),
  lower: { kind: "view", apply: (view, { offset, axis1, axis2 }) => diagonalView(view, axis1, axis2, offset) },
  gradient: ({ inputs, attributes: { offset, axis1, axis2 } }, g) => {
    // The diagonal of an [m, n] matrix is a strided slice of its rows laid end to end.
    const x = first(inputs);
    const m = x.shape[axis1] as number;
    const n = x.shape[axis2] as number;
    const rest = x.shape.map((_, d) => d).filter((d) => d !== axis1 && d !== axis2);
    const lead = rest.map((d) => x.shape[d] as number);
    const count = g.shape[g.shape.length - 1] as number;
    const from = Math.max(0, -offset) * n + Math.max(0, offset);
    const flat = unslice(
      g,
      [...lead, m * n],
      [...lead.map(() => 0), count === 0 ? 0 : from],
      [...lead, count],
      [...lead.map(() => 1), n + 1],
    );
    const order = [...rest, axis1, axis2];
    const back = x.shape.map((_, d) => order.indexOf(d));
    return [flat.reshape([...lead, m, n]).permute(back)];
  },
});

export const windowsPrimitive = definePrimitive<{
  readonly axis: number;
  readonly size: number;
  readonly step: number;
  readonly dilation: number;
}>({
  name: "windows",
  infer: ([x], { axis, size, step, dilation }) => ({
    shape: windowsView(contiguousView((x as Tensor).shape), axis, size, step, dilation)?.shape as Shape,
    dtype: (x as Tensor).dtype,
  }),
  lower: {
    kind: "view",
    apply: (view, { axis, size, step, dilation }) => windowsView(view, axis, size, step, dilation),
  },
  gradient: ({ inputs, attributes: { axis, size, step, dilation } }, g) => {
    // Position i of every window is a strided slice of the axis; the adjoint adds the slices up.
    const { shape } = first(inputs);
    const rank = shape.length;
    const count = g.shape[axis] as number;
    let total: Tensor | undefined;
    for (let i = 0; i < size; i++) {
      const position = g
        .derive(slicePrimitive, [g], {
          start: [...shape.map(() => 0), i],
          size: [...g.shape.slice(0, rank), 1],
          step: new Array<number>(rank + 1).fill(1),
        })
        .reshape(g.shape.slice(0, rank));
      const placed = unslice(
        position,
        shape,
        shape.map((_, d) => (d === axis && count > 0 ? i * dilation : 0)),
        position.shape,
        shape.map((_, d) => (d === axis ? step : 1)),
      );
      total = total === undefined ? placed : total.add(placed);
    }
    return [total];
  },
});

/**
 * The same elements in row-major order under another shape; one size may be -1 and is then worked out.
 *
 * @throws ShapeError when the sizes differ.
 * @example reshape(arange(6), [2, -1]) // [[0, 1, 2], [3, 4, 5]]
 */
export const reshape = (x: Tensor, shape: Shape): Tensor => {
  let wanted = shape;
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const rest = shape.filter((_, d) => d !== open);
    checkShape("reshape", rest);
    const known = sizeOf(rest);
    if (known === 0 || x.size % known !== 0) {
      throw new ShapeError("reshape", `cannot work out -1, got ${formatShape(x.shape)} and ${formatShape(shape)}`);
    }
    wanted = shape.map((n, d) => (d === open ? x.size / known : n));
  } else checkShape("reshape", shape);
  if (sizeOf(wanted) !== x.size) {
    throw new ShapeError(
      "reshape",
      `${x.size} elements do not fill ${sizeOf(wanted)}, got ${formatShape(x.shape)} and ${formatShape(shape)}`,
      "give a shape of the same size, or -1 for one of its sizes",
    );
  }
  return sameShape(x.shape, wanted) ? x : x.derive(reshapePrimitive, [x], { shape: [...wanted] });
};

/**
 * Reorders the dimensions: dimension `d` of the result is dimension `axes[d]` of `x`.
 *
 * @example permute(zeros([2, 3, 4]), [2, 0, 1]).shape // [4, 2, 3]
 */
export const permute = (x: Tensor, axes: readonly number[]): Tensor => {
  const order = axes.map((axis) => normalizeAxis("permute", axis, x.rank));
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError(
      "permute",
      `axes must name each dimension of ${formatShape(x.shape)} once, got ${formatShape(axes)}`,
    );
  }
  return order.every((axis, d) => axis === d) ? x : x.derive(permutePrimitive, [x], { axes: order });
};

/**
 * Repeats dimensions of size 1, and new leading ones, to fill `shape`.
 *
 * @throws ShapeError when another size would have to change.
 * @example broadcastTo(tensor([1, 2]), [2, 2]) // [[1, 2], [1, 2]]
 */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x;
  checkShape("broadcastTo", shape);
  const lead = shape.length - x.rank;
  if (lead < 0 || x.shape.some((n, d) => n !== 1 && n !== shape[d + lead])) {
    throw new ShapeError(
      "broadcastTo",
      `only dimensions of size 1 repeat, got ${formatShape(x.shape)} and ${formatShape(shape)}`,
    );
  }
  return x.derive(expandPrimitive, [x], { shape: [...shape] });
};

/**
 * Elements `start[d], start[d] + step[d], ...` (`size[d]` of them) of each dimension: the strict form under `slice`.
 *
 * @throws ShapeError when a position lies outside; ArgumentError when a step is 0.
 */
export const stridedSlice = (
  x: Tensor,
  start: readonly number[],
  size: readonly number[],
  step: readonly number[] = start.map(() => 1),
): Tensor => {
  if (start.length !== x.rank || size.length !== x.rank || step.length !== x.rank) {
    throw new ShapeError("slice", `needs one start, size and step per dimension of ${formatShape(x.shape)}`);
  }
  checkShape("slice", size);
  for (let d = 0; d < x.rank; d++) {
    const n = size[d] as number;
    const from = start[d] as number;
    const by = step[d] as number;
    if (!Number.isInteger(by) || by === 0)
      throw new ArgumentError("slice", `a step is a whole number other than 0, got ${by}`);
    const last = from + (n - 1) * by;
    if (
      !Number.isInteger(from) ||
      (n > 0 && (Math.min(from, last) < 0 || Math.max(from, last) >= (x.shape[d] as number)))
    ) {
      throw new ShapeError(
        "slice",
        `positions ${from} to ${last} are outside dimension ${d} of ${formatShape(x.shape)}`,
      );
    }
  }
  const whole = sameShape(size, x.shape) && step.every((s, d) => s === 1 || (size[d] as number) <= 1);
  if (whole) return x;
  // Where nothing is taken the start does not matter, and may lie outside.
  const from = start.map((s, d) => (size[d] === 0 ? 0 : s));
  return x.derive(slicePrimitive, [x], { start: from, size: [...size], step: [...step] });
};

/** Zeros before and after each dimension; the strict form under `pad`. */
export const zeroPad = (x: Tensor, low: readonly number[], high: readonly number[]): Tensor => {
  if (low.length !== x.rank || high.length !== x.rank) {
    throw new ShapeError("pad", `needs one amount before and after per dimension of ${formatShape(x.shape)}`);
  }
  for (const n of [...low, ...high]) {
    if (!Number.isInteger(n) || n < 0) throw new ArgumentError("pad", `amounts are whole numbers >= 0, got ${n}`);
  }
  checkShape(
    "pad",
    x.shape.map((n, d) => n + (low[d] as number) + (high[d] as number)),
  );
  return [...low, ...high].every((n) => n === 0) ? x : x.derive(padPrimitive, [x], { low: [...low], high: [...high] });
};

/**
 * The diagonal `k` of the planes that `axis1` and `axis2` span, as a new last dimension; `k > 0` lies above the main diagonal.
 *
 * @example diagonal(tensor([[1, 2], [3, 4]])) // [1, 4]
 */
export const diagonal = (x: Tensor, k = 0, axis1 = 0, axis2 = 1): Tensor => {
  const a = normalizeAxis("diagonal", axis1, x.rank);
  const b = normalizeAxis("diagonal", axis2, x.rank);
  if (a === b) throw new ShapeError("diagonal", `the two axes must differ, got ${axis1} and ${axis2}`);
  if (!Number.isInteger(k)) throw new ArgumentError("diagonal", `the diagonal is a whole number, got ${k}`);
  return x.derive(diagonalPrimitive, [x], { offset: k, axis1: a, axis2: b });
};

/**
 * Sliding windows of `size` positions along `axis`, `step` apart, appended as a last dimension (PyTorch's `Tensor.unfold`).
 *
 * @example slidingWindows(arange(4), 0, 3) // [[0, 1, 2], [1, 2, 3]]
 */
export const slidingWindows = (x: Tensor, axis: number, size: number, step = 1, dilation = 1): Tensor => {
  const d = normalizeAxis("slidingWindows", axis, x.rank);
  for (const n of [size, step, dilation]) {
    if (!Number.isInteger(n) || n < 1) {
      throw new ArgumentError(
        "slidingWindows",
        `size, step and dilation are whole numbers >= 1, got ${size}, ${step} and ${dilation}`,
      );
    }
  }
  return x.derive(windowsPrimitive, [x], { axis: d, size, step, dilation });
};
