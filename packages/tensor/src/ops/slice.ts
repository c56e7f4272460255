import { ArgumentError, formatShape, normalizeAxes, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { permute, reshape, stridedSlice } from "./movement.ts";
import type { Axes } from "./reduction.ts";

/**
 * What a slice takes of one dimension: one position (the dimension goes away), a range, or all of it (`null`). `"..."` stands for
 * as many whole dimensions as are left. Negative positions count from the end.
 */
export type SliceRange =
  | number
  | null
  | "..."
  | { readonly start?: number | undefined; readonly stop?: number | undefined; readonly step?: number | undefined };

const whole = /^[+-]?\d+$/;

/** `"1:-1, ::2, ..., 3"` as ranges. */
const parse = (text: string): SliceRange[] => {
  if (text.trim() === "") return [];
  return text.split(",").map((part) => {
    const piece = part.trim();
    if (piece === "...") return piece;
    if (whole.test(piece)) return Number(piece);
    const bounds = piece.split(":").map((bound) => bound.trim());
    if (bounds.length < 2 || bounds.length > 3 || bounds.some((bound) => bound !== "" && !whole.test(bound))) {
      throw new ArgumentError(
        "slice",
        `cannot read "${piece}" in "${text}"`,
        'write a position, "start:stop:step" or "..."',
      );
    }
    const [start, stop, step] = bounds.map((bound) => (bound === "" ? undefined : Number(bound)));
    return { start, stop, step };
  });
};

/** First position, count and step of a range over `n` positions, as in Python: bounds beyond the ends are cut off. */
const resolve = (
  n: number,
  start: number | undefined,
  stop: number | undefined,
  step: number,
): readonly [number, number] => {
  const [first, last] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (value: number): number => Math.min(last, Math.max(first, value < 0 ? value + n : value));
  const from = start === undefined ? (step > 0 ? first : last) : bound(start);
  const to = stop === undefined ? (step > 0 ? last : first) : bound(stop);
  const size = Math.max(0, Math.ceil((to - from) / step));
  return [size === 0 ? 0 : from, size];
};

/**
 * Part of `x`, as NumPy's basic indexing: per dimension a position (which drops the dimension), a range `start:stop:step`, `null` or
 * `":"` for all of it; `"..."` stands for the dimensions between. Negative positions count from the end, negative steps walk
 * backwards, ranges are cut off at the ends.
 *
 * @throws ShapeError for a position out of range or too many ranges; ArgumentError for a step of 0 or text that cannot be read.
 * @example slice(arange(6), "1:-1") // [1, 2, 3, 4]
 * @example slice(x, "..., 0") // the first channel
 * @example slice(x, [0, { step: -1 }]) // the first row, backwards
 */
export const slice = (x: Tensor, ranges: string | readonly SliceRange[]): Tensor => {
  const list = typeof ranges === "string" ? parse(ranges) : ranges;
  const named = list.filter((range) => range !== "...").length;
  if (list.length - named > 1) throw new ArgumentError("slice", 'takes one "..." at most');
  if (named > x.rank) {
    throw new ShapeError("slice", `${named} ranges are too many for ${formatShape(x.shape)}`, `give ${x.rank} at most`);
  }
  const rest: SliceRange[] = new Array<null>(x.rank - named).fill(null);
  const open = list.indexOf("...");
  const full = open < 0 ? [...list, ...rest] : [...list.slice(0, open), ...rest, ...list.slice(open + 1)];

  const start: number[] = [];
  const size: number[] = [];
  const steps: number[] = [];
  full.forEach((range, d) => {
    const n = x.shape[d] as number;
    if (typeof range === "number") {
      if (!Number.isInteger(range) || range < -n || range >= n) {
        throw new ShapeError("slice", `position ${range} is outside dimension ${d} of ${formatShape(x.shape)}`);
      }
      start.push(range < 0 ? range + n : range);
      size.push(1);
      steps.push(1);
      return;
    }
    const { start: from, stop: to, step = 1 } = typeof range === "object" && range !== null ? range : {};
    for (const bound of [from, to, step]) {
      if (bound !== undefined && !Number.isInteger(bound)) {
        throw new ArgumentError("slice", `start, stop and step are whole numbers, got ${bound}`);
      }
    }
    if (step === 0) throw new ArgumentError("slice", "a step is a whole number other than 0, got 0");
    const [first, count] = resolve(n, from, to, step);
    start.push(first);
    size.push(count);
    steps.push(step);
  });
  const y = stridedSlice(x, start, size, steps);
  return reshape(
    y,
    size.filter((_, d) => typeof full[d] !== "number"),
  );
};

/**
 * Joins the dimensions `from` to `to` (both included, all by default) into one; rank 0 becomes rank 1.
 *
 * @example flatten(zeros([2, 3, 4]), 1).shape // [2, 12]
 */
export const flatten = (x: Tensor, from = 0, to = -1): Tensor => {
  const rank = Math.max(1, x.rank);
  const a = normalizeAxis("flatten", from, rank);
  const b = normalizeAxis("flatten", to, rank);
  if (a > b)
    throw new ShapeError(
      "flatten",
      `the first axis lies behind the last, got ${from} and ${to} of ${formatShape(x.shape)}`,
    );
  const joined = x.shape.slice(a, b + 1).reduce((n, m) => n * m, 1);
  return reshape(x, [...x.shape.slice(0, a), joined, ...x.shape.slice(b + 1)]);
};

/**
 * Reverses the order along `axes`, all of them by default.
 *
 * @example flip(tensor([1, 2, 3])) // [3, 2, 1]
 */
export const flip = (x: Tensor, axes?: Axes): Tensor => {
  const over = normalizeAxes("flip", axes, x.rank);
  const start = x.shape.map((n, d) => (over.includes(d) ? Math.max(0, n - 1) : 0));
  const step = x.shape.map((_, d) => (over.includes(d) ? -1 : 1));
  return stridedSlice(x, start, x.shape, step);
};

/**
 * Drops dimensions of size 1: those of `axes`, or all of them.
 *
 * @throws ShapeError when a named axis has another size.
 * @example squeeze(zeros([1, 3, 1])).shape // [3]
 */
export const squeeze = (x: Tensor, axes?: Axes): Tensor => {
  const over = normalizeAxes("squeeze", axes, x.rank);
  for (const d of over) {
    if (axes !== undefined && x.shape[d] !== 1) {
      throw new ShapeError(
        "squeeze",
        `axis ${d} has size ${x.shape[d]}, not 1, got ${formatShape(x.shape)}`,
        "use reshape or slice",
      );
    }
  }
  return reshape(
    x,
    x.shape.filter((n, d) => n !== 1 || !over.includes(d)),
  );
};

/**
 * Puts in a dimension of size 1 that becomes axis `axis` of the result.
 *
 * @example unsqueeze(zeros([3]), -1).shape // [3, 1]
 */
export const unsqueeze = (x: Tensor, axis: number): Tensor => {
  const d = normalizeAxis("unsqueeze", axis, x.rank + 1);
  return reshape(x, [...x.shape.slice(0, d), 1, ...x.shape.slice(d)]);
};

/**
 * Swaps two dimensions, the last two by default.
 *
 * @throws ShapeError when an axis is out of range.
 * @example transpose(zeros([2, 3])).shape // [3, 2]
 */
export const transpose = (x: Tensor, axis1 = -2, axis2 = -1): Tensor => {
  const a = normalizeAxis("transpose", axis1, x.rank);
  const b = normalizeAxis("transpose", axis2, x.rank);
  return permute(
    x,
    x.shape.map((_, d) => (d === a ? b : d === b ? a : d)),
  );
};
