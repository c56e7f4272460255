import type { Shape, View } from "@gradloom/backend";
import { expandView, permuteView, reshapeView, sizeOf } from "@gradloom/backend";

/**
 * The iteration space that the members of one kernel share. `dims` factor the row-major order of its full-size values; a kernel
 * iterates over the kept dimensions, then the reduced ones.
 */
export interface Frame {
  readonly dims: Shape;
  /** Which dimensions are folded; undefined where nothing is. */
  readonly reduced: readonly boolean[] | undefined;
  /** The dimensions are given by a matmul, convolution, ...: they cannot be split further. */
  readonly fixed: boolean;
}

/** "full": one value per position; "kept": one per position of the kept dimensions. */
export type Level = "full" | "kept";

/** A frame of `shape`, folded over `axes`. */
export const frameOf = (shape: Shape, axes: readonly number[] | undefined, fixed: boolean): Frame => {
  if (fixed) return { dims: shape, reduced: undefined, fixed };
  const dims: number[] = [];
  const reduced: boolean[] = [];
  shape.forEach((n, d) => {
    if (n === 1) return;
    dims.push(n);
    reduced.push(axes?.includes(d) === true);
  });
  return axes === undefined ? unfolded(dims) : withReduced(dims, reduced);
};

/** At least one dimension: a view of no dimensions cannot say that its only position does not exist. */
const unfolded = (dims: number[]): Frame => ({
  dims: dims.length === 0 ? [1] : dims,
  reduced: undefined,
  fixed: false,
});

/** A folding frame has at least one folded dimension, if only of size 1. */
const withReduced = (dims: number[], reduced: boolean[]): Frame =>
  reduced.includes(true)
    ? { dims, reduced, fixed: false }
    : { dims: [...dims, 1], reduced: [...reduced, true], fixed: false };

/** The coarsest frame that both refine to; undefined when the members cannot share a kernel. */
export const mergeFrames = (a: Frame, b: Frame): Frame | undefined => {
  const size = sizeOf(a.dims);
  if (size !== sizeOf(b.dims) || size === 0) return undefined;
  if (a.fixed || b.fixed) {
    if (a.reduced !== undefined || b.reduced !== undefined || (a.fixed && b.fixed)) return undefined;
    return a.fixed ? a : b;
  }
  const dims: number[] = [];
  const reduced: boolean[] = [];
  let i = a.dims.length - 1;
  let j = b.dims.length - 1;
  let x = 1;
  let y = 1;
  for (;;) {
    while (x === 1 && i >= 0) x = a.dims[i--] as number;
    while (y === 1 && j >= 0) y = b.dims[j--] as number;
    if (x === 1 && y === 1) break;
    const part = Math.min(x, y);
    if (part === 1 || x % part !== 0 || y % part !== 0) return undefined;
    const inA = a.reduced?.[i + 1];
    const inB = b.reduced?.[j + 1];
    if (inA !== undefined && inB !== undefined && inA !== inB) return undefined;
    dims.unshift(part);
    reduced.unshift(inA ?? inB ?? false);
    x /= part;
    y /= part;
  }
  if (a.reduced === undefined && b.reduced === undefined) return unfolded(dims);
  return withReduced(dims, reduced);
};

/** The frame's dimensions in iteration order: kept, then reduced. */
export const iterationOrder = ({ dims, reduced }: Frame): number[] => {
  const all = dims.map((_, d) => d);
  return reduced === undefined ? all : [...all.filter((d) => !reduced[d]), ...all.filter((d) => reduced[d])];
};

export const iterationShape = (frame: Frame): number[] => iterationOrder(frame).map((d) => frame.dims[d] as number);

export const reducedCount = (frame: Frame): number => frame.reduced?.filter((folded) => folded).length ?? 0;

export const keptShape = (frame: Frame): number[] => frame.dims.filter((_, d) => frame.reduced?.[d] !== true);

/** A view over a member's shape as a view over the iteration space; undefined where only a copy can do it. */
export const toSpace = (view: View, frame: Frame, level: Level): View | undefined => {
  if (level === "full") {
    const split = reshapeView(view, frame.dims);
    return split && (frame.reduced === undefined ? split : permuteView(split, iterationOrder(frame)));
  }
  const kept = keptShape(frame);
  const split = reshapeView(view, [...kept, ...new Array<number>(reducedCount(frame)).fill(1)]);
  return split && expandView(split, iterationShape(frame));
};

/** Whether two views of one memory read the same element at every position. */
export const sameView = (a: View, b: View): boolean => {
  if (a.offset !== b.offset || a.valid !== undefined || b.valid !== undefined) return false;
  for (let d = 0; d < a.shape.length; d++) {
    if (a.shape[d] !== b.shape[d] || (a.shape[d] !== 1 && a.strides[d] !== b.strides[d])) return false;
  }
  return true;
};
