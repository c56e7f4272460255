import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { takeAlongAxis } from "./gather.ts";
import { moveAxis } from "./rearrange.ts";

/** Positions (int32) of the first `count` elements of the sorted last axis. */
export const argsortPrimitive = definePrimitive<{ readonly descending: boolean; readonly count: number }>({
  name: "argsort",
  infer: ([x], { count }) => ({ shape: [...(x as Tensor).shape.slice(0, -1), count], dtype: "int32" }),
  lower: {
    kind: "kernel",
    fuses: false,
    template: ({ descending, count }, { inputs: [x] }) => ({
      kind: "sort",
      descending,
      count,
      results: ["indices"],
      shape: (x as Tensor).shape,
    }),
  },
  gradient: "zero",
});

/** Positions of the first `count` elements in sorted order along `axis`, in the place of the axis. */
const order = (x: Tensor, axis: number, descending: boolean, count: number): Tensor => {
  const rows = moveAxis(x.dtype === "bool" ? x.cast("uint8") : x, axis, -1);
  return moveAxis(rows.derive(argsortPrimitive, [rows], { descending, count }), -1, axis);
};

export interface SortOptions {
  /** Largest first; false by default. */
  readonly descending?: boolean;
}

/** Values and where they stand. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  /** Positions along the axis, int32. */
  readonly indices: Tensor;
}

/**
 * Positions (int32) that put the elements along `axis` in ascending order, equal ones in their old order; NaN is the largest.
 *
 * @throws ShapeError when the axis is out of range.
 * @example argsort(tensor([3, 1, 2])) // [1, 2, 0]
 */
export const argsort = (x: Tensor, axis = -1, options: SortOptions = {}): Tensor => {
  const d = normalizeAxis("argsort", axis, x.rank);
  return order(x, d, options.descending ?? false, x.shape[d] as number);
};

/**
 * The elements along `axis` in ascending order; NaN is the largest. Each gradient goes back to where its element came from.
 *
 * @throws ShapeError when the axis is out of range.
 * @example sort(tensor([3, 1, 2]), -1, { descending: true }) // [3, 2, 1]
 */
export const sort = (x: Tensor, axis = -1, options: SortOptions = {}): Tensor =>
  takeAlongAxis(x, argsort(x, axis, options), axis);

export interface TopKOptions {
  readonly axis?: number;
  /** The largest elements, in descending order, by default; else the smallest, in ascending order. */
  readonly largest?: boolean;
}

/**
 * The `k` largest (or smallest) elements along an axis, sorted, and their positions; of equal ones the first come first. NaN is the
 * largest.
 *
 * @throws ArgumentError when `k` is not a whole number >= 0; ShapeError when the axis is shorter.
 * @example topK(tensor([3, 1, 2]), 2).values // [3, 2]
 */
export const topK = (x: Tensor, k: number, options: TopKOptions = {}): ValuesAndIndices => {
  const { axis = -1, largest = true } = options;
  const d = normalizeAxis("topK", axis, x.rank);
  if (!Number.isInteger(k) || k < 0) throw new ArgumentError("topK", `k is a whole number >= 0, got ${k}`);
  if (k > (x.shape[d] as number)) {
    throw new ShapeError(
      "topK",
      `k = ${k} is more than axis ${d} of ${formatShape(x.shape)} has`,
      `use ${x.shape[d]} at most`,
    );
  }
  const indices = order(x, d, largest, k);
  return { values: takeAlongAxis(x, indices, d), indices };
};

/**
 * The `k`-th smallest element along `axis` (1 is the smallest) and its position, without the axis; NaN is the largest.
 *
 * @throws ArgumentError when `k` is not a whole number from 1 to the size of the axis.
 * @example kthvalue(tensor([3, 1, 2]), 2).values // 2
 */
export const kthvalue = (x: Tensor, k: number, axis = -1): ValuesAndIndices => {
  const d = normalizeAxis("kthvalue", axis, x.rank);
  const n = x.shape[d] as number;
  if (!Number.isInteger(k) || k < 1 || k > n) {
    throw new ArgumentError(
      "kthvalue",
      `k is a whole number from 1 to ${n}, the size of axis ${d} of ${formatShape(x.shape)}, got ${k}`,
    );
  }
  const last = [...x.shape.slice(0, d).map(() => null), { start: k - 1, stop: k }];
  const indices = order(x, d, false, k).slice(last);
  return { values: takeAlongAxis(x, indices, d).squeeze(d), indices: indices.squeeze(d) };
};
