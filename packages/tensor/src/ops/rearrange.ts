import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
import { flip, transpose } from "./slice.ts";

const listed = (value: number | readonly number[]): readonly number[] => (typeof value === "number" ? [value] : value);

/** Axes counted from the front, in the order given, none twice. */
const distinct = (op: string, axes: number | readonly number[], rank: number): number[] => {
  const list = listed(axes).map((axis) => normalizeAxis(op, axis, rank));
  if (new Set(list).size !== list.length) throw new ShapeError(op, `an axis is named twice, got [${list.join(",")}]`);
  return list;
};

/**
 * Moves the dimensions `from` to the places `to`; the others keep their order.
 *
 * @throws ShapeError when an axis is out of range or named twice, or the lists differ in length.
 * @example moveAxis(zeros([2, 3, 4]), 0, -1).shape // [3, 4, 2]
 */
export const moveAxis = (x: Tensor, from: number | readonly number[], to: number | readonly number[]): Tensor => {
  const source = distinct("moveAxis", from, x.rank);
  const target = distinct("moveAxis", to, x.rank);
  if (source.length !== target.length) {
    throw new ShapeError(
      "moveAxis",
      `needs as many places as axes, got ${formatShape(source)} and ${formatShape(target)}`,
    );
  }
  const rest = x.shape.map((_, d) => d).filter((d) => !source.includes(d));
  let next = 0;
  const axes = x.shape.map((_, d) => {
    const moved = target.indexOf(d);
    return moved < 0 ? (rest[next++] as number) : (source[moved] as number);
  });
  return x.permute(axes);
};

/**
 * Swaps two dimensions.
 *
 * @example swapAxes(zeros([2, 3, 4]), 0, 2).shape // [4, 3, 2]
 */
export const swapAxes = (x: Tensor, axis1: number, axis2: number): Tensor => {
  const a = normalizeAxis("swapAxes", axis1, x.rank);
  const b = normalizeAxis("swapAxes", axis2, x.rank);
  return transpose(x, a, b);
};

/** Elements `from` to `to` of one axis. */
const range = (x: Tensor, axis: number, from: number, to: number): Tensor =>
  x.stridedSlice(
    x.shape.map((_, d) => (d === axis ? from : 0)),
    x.shape.map((n, d) => (d === axis ? to - from : n)),
  );

/**
 * Shifts elements cyclically: position `i` goes to `i + shift`; what leaves at one end comes in at the other. Without axes the
 * elements move in row-major order.
 *
 * @throws ArgumentError when shifts are not whole numbers, one per axis.
 * @example roll(tensor([1, 2, 3, 4]), 1) // [4, 1, 2, 3]
 */
export const roll = (x: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor => {
  const by = listed(shifts);
  const over = axes === undefined ? undefined : listed(axes);
  if (by.some((n) => !Number.isInteger(n)) || by.length !== (over?.length ?? 1)) {
    throw new ArgumentError(
      "roll",
      `needs one whole number per axis, got [${by.join(",")}] and ${over ? `[${over.join(",")}]` : "no axes"}`,
    );
  }
  if (over === undefined) return x.size === 0 ? x : roll(x.flatten(), by, [0]).reshape(x.shape);
  return over.reduce((y: Tensor, axis, i) => {
    const d = normalizeAxis("roll", axis, x.rank);
    const n = x.shape[d] as number;
    const shift = n === 0 ? 0 : (((by[i] as number) % n) + n) % n;
    return shift === 0 ? y : concat([range(y, d, n - shift, n), range(y, d, 0, n - shift)], d);
  }, x);
};

/**
 * Rotates by `times` quarter turns in the plane of two axes, from the first towards the second (counter-clockwise for a matrix).
 *
 * @throws ShapeError when the axes are equal; ArgumentError when `times` is not a whole number.
 * @example rot90(tensor([[1, 2], [3, 4]])) // [[2, 4], [1, 3]]
 */
export const rot90 = (x: Tensor, times = 1, axis1 = 0, axis2 = 1): Tensor => {
  const a = normalizeAxis("rot90", axis1, x.rank);
  const b = normalizeAxis("rot90", axis2, x.rank);
  if (a === b) throw new ShapeError("rot90", `the two axes must differ, got ${axis1} and ${axis2}`);
  if (!Number.isInteger(times)) throw new ArgumentError("rot90", `turns are a whole number, got ${times}`);
  const turns = ((times % 4) + 4) % 4;
  if (turns === 0) return x;
  if (turns === 2) return flip(x, [a, b]);
  return turns === 1 ? flip(transpose(x, a, b), a) : flip(transpose(x, a, b), b);
};
