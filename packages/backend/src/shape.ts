import { ShapeError } from "./errors.ts";

export type Shape = readonly number[];

/** Most elements a tensor may have: positions are int32 inside kernels. */
export const maxElements = 2 ** 31 - 1;

export const formatShape = (shape: Shape): string => `[${shape.join(",")}]`;

/** Number of elements; 1 for rank 0. */
export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i] as number;
  return size;
};

/** Row-major strides in elements. */
export const contiguousStrides = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i] as number;
  }
  return strides;
};

export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Refuses anything but a list of whole numbers >= 0 whose product fits. */
export const checkShape = (op: string, shape: Shape): void => {
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 0) {
      throw new ShapeError(op, `a shape holds whole numbers >= 0, got ${formatShape(shape)}`);
    }
  }
  if (sizeOf(shape) > maxElements) {
    throw new ShapeError(op, `shape ${formatShape(shape)} has more than ${maxElements} elements`, "split the tensor");
  }
};

/** The axis counted from the front; refuses what is out of range. */
export const normalizeAxis = (op: string, axis: number, rank: number): number => {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? "a rank-0 tensor has no axes" : `use ${-rank} to ${rank - 1}`;
    throw new ShapeError(op, `axis ${axis} is out of range for rank ${rank}`, range);
  }
  return axis < 0 ? axis + rank : axis;
};

/** Axes counted from the front, ascending, without repeats; all of them when `axes` is undefined. */
export const normalizeAxes = (op: string, axes: number | readonly number[] | undefined, rank: number): number[] => {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis(op, axis, rank));
  const sorted = [...list].sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1])
      throw new ShapeError(op, `axis ${sorted[i]} is named twice, got [${list.join(",")}]`);
  }
  return sorted;
};

/** NumPy's broadcasting of two shapes. */
export const broadcastShapes = (op: string, a: Shape, b: Shape): Shape => {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1;
    const y = b[b.length - i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        op,
        `shapes do not broadcast, got ${formatShape(a)} and ${formatShape(b)}`,
        `axis ${-i} has sizes ${x} and ${y}; sizes must be equal or 1`,
      );
    }
    result[rank - i] = x === 1 ? y : x;
  }
  return result;
};
