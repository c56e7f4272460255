import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
import { requireHeld } from "./operands.ts";

/**
 * What padding is filled with: one value, the inside mirrored at its edge (without the edge itself), the edge repeated, or the
 * other end.
 */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  /** The axes that `amounts` speaks of, all by default. */
  readonly axes?: readonly number[];
  readonly mode?: PadMode;
  /** The value of mode "constant". */
  readonly value?: number;
}

type Amount = number | readonly [before: number, after: number];

/** One axis of `x` from `from` on, `size` elements, forwards or backwards. */
const piece = (x: Tensor, axis: number, from: number, size: number, step: number): Tensor =>
  x.stridedSlice(
    x.shape.map((_, d) => (d === axis ? from : 0)),
    x.shape.map((n, d) => (d === axis ? size : n)),
    x.shape.map((_, d) => (d === axis ? step : 1)),
  );

/** `size` copies of element `at` of an axis. */
const copies = (x: Tensor, axis: number, at: number, size: number): Tensor =>
  piece(x, axis, at, 1, 1).broadcastTo(x.shape.map((n, d) => (d === axis ? size : n)));

/** What lies before and after an axis of `n` elements. */
type Sides = (x: Tensor, axis: number, n: number, low: number, high: number) => readonly [Tensor, Tensor];

const sides: Readonly<Record<Exclude<PadMode, "constant">, { most(n: number): number; make: Sides }>> = {
  reflect: {
    most: (n) => n - 1,
    make: (x, axis, n, low, high) => [piece(x, axis, low, low, -1), piece(x, axis, Math.max(0, n - 2), high, -1)],
  },
  replicate: {
    most: (n) => (n === 0 ? 0 : Number.POSITIVE_INFINITY),
    make: (x, axis, n, low, high) => [copies(x, axis, 0, low), copies(x, axis, n - 1, high)],
  },
  circular: {
    most: (n) => n,
    make: (x, axis, n, low, high) => [piece(x, axis, n - low, low, 1), piece(x, axis, 0, high, 1)],
  },
};

/** Constant padding with a value other than 0. */
const filled = (x: Tensor, low: readonly number[], high: readonly number[], value: number): Tensor => {
  const padded = x.zeroPad(low, high);
  if (value === 0 || padded === x) return padded;
  requireHeld("pad", value, x.dtype);
  const inside = x.constant(1, "bool").broadcastTo(x.shape).zeroPad(low, high);
  return inside.where(padded, x.scalar(value));
};

/**
 * Adds elements before and after dimensions. `amounts` is one number for both sides of every axis, or one entry per axis:
 * a number or `[before, after]`. Modes: "constant" (`value`, 0 by default), "reflect" (at most size - 1), "replicate", "circular"
 * (at most the size).
 *
 * @throws ShapeError when the axis is too short for the mode; ArgumentError for negative amounts.
 * @example pad(tensor([1, 2, 3]), 1) // [0, 1, 2, 3, 0]
 * @example pad(tensor([1, 2, 3]), [[2, 0]], { mode: "reflect" }) // [3, 2, 1, 2, 3]
 */
export const pad = (x: Tensor, amounts: number | readonly Amount[], options: PadOptions = {}): Tensor => {
  const { mode = "constant", value = 0 } = options;
  const axes = (options.axes ?? x.shape.map((_, d) => d)).map((axis) => normalizeAxis("pad", axis, x.rank));
  if (new Set(axes).size !== axes.length)
    throw new ShapeError("pad", `an axis is named twice, got ${formatShape(axes)}`);
  const list = typeof amounts === "number" ? axes.map((): Amount => amounts) : amounts;
  if (list.length !== axes.length) {
    throw new ShapeError(
      "pad",
      `needs one amount per axis, got ${list.length} for ${axes.length} axes of ${formatShape(x.shape)}`,
    );
  }
  const low = new Array<number>(x.rank).fill(0);
  const high = new Array<number>(x.rank).fill(0);
  axes.forEach((axis, i) => {
    const amount = list[i] as Amount;
    const [before, after] = typeof amount === "number" ? [amount, amount] : amount;
    for (const n of [before, after]) {
      if (!Number.isInteger(n) || n < 0)
        throw new ArgumentError("pad", `amounts are whole numbers >= 0, got ${n}`, "use slice to cut");
    }
    low[axis] = before;
    high[axis] = after;
  });
  if (mode === "constant") return filled(x, low, high, value);
  if (!Object.hasOwn(sides, mode)) {
    throw new ArgumentError("pad", `unknown mode "${String(mode)}"`, `use constant, ${Object.keys(sides).join(", ")}`);
  }
  const { most, make } = sides[mode];
  return axes.reduce((y: Tensor, axis) => {
    const n = x.shape[axis] as number;
    const [before, after] = [low[axis] as number, high[axis] as number];
    if (Math.max(before, after) > most(n)) {
      throw new ShapeError(
        "pad",
        `${mode} padding of ${before} and ${after} is too much for axis ${axis} of ${formatShape(x.shape)}`,
      );
    }
    if (before === 0 && after === 0) return y;
    const [left, right] = make(y, axis, n, before, after);
    return concat([left, y, right], axis);
  }, x);
};
