import { ArgumentError, formatShape, isFloat, normalizeAxes, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { lerp } from "./clamp.ts";
import { stack } from "./concat.ts";
import { toFloat } from "./operands.ts";
import type { Axes } from "./reduction.ts";
import { sort } from "./sort.ts";
import { where } from "./where.ts";

/** The elements over some axes in ascending order, as rows, and what puts results back into shape. */
interface Rows {
  readonly length: number;
  /** Element `i` of each row; NaN where the row has one. */
  element(i: number): Tensor;
  shaped(result: Tensor): Tensor;
}

const sortedRows = (op: string, x: Tensor, axes: Axes | undefined, keepDims: boolean): Rows => {
  const over = normalizeAxes(op, axes, x.rank);
  const kept = x.shape.map((_, d) => d).filter((d) => !over.includes(d));
  const keptShape = kept.map((d) => x.shape[d] as number);
  const length = over.reduce((n, d) => n * (x.shape[d] as number), 1);
  if (length === 0) throw new ShapeError(op, `has no result over no elements, got ${formatShape(x.shape)}`);
  const rows = x.permute([...kept, ...over]).reshape([...keptShape, length]);
  const sorted = sort(rows);
  const zeros = kept.map(() => 0);
  const at = (i: number): Tensor => sorted.stridedSlice([...zeros, i], [...keptShape, 1]).reshape(keptShape);
  const last = at(length - 1);
  return {
    length,
    // NaN is sorted to the end.
    element: (i) => (isFloat(x.dtype) ? where(last.isNaN(), last, at(i)) : at(i)),
    shaped: (y) => (keepDims ? y.reshape(x.shape.map((n, d) => (over.includes(d) ? 1 : n))) : y),
  };
};

/**
 * The middle element over `axes` in ascending order, the lower one of two; NaN when there is one.
 *
 * @throws ShapeError for an axis out of range or over no elements.
 * @example median(tensor([1, 9, 3, 4])) // 3
 */
export const median = (x: Tensor, axes?: Axes, keepDims = false): Tensor => {
  const { length, element, shaped } = sortedRows("median", x, axes, keepDims);
  return shaped(element(Math.floor((length - 1) / 2)));
};

/** How `quantile` fills the gap between two elements. */
export type Interpolation = "linear" | "lower" | "higher" | "nearest" | "midpoint";

const betweens: Readonly<Record<Interpolation, (position: number) => number>> = {
  linear: (position) => position,
  lower: Math.floor,
  higher: Math.ceil,
  nearest: (position) => {
    const below = Math.floor(position);
    const rest = position - below;
    return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  },
  midpoint: (position) => (Math.floor(position) + Math.ceil(position)) / 2,
};

/**
 * The value below which the fraction `q` of the elements over `axes` lies, between two elements by `interpolation` ("linear" by default);
 * NaN when there is a NaN. A list of fractions gives one more dimension, the first. Integers give float32.
 *
 * @throws ArgumentError for a fraction outside [0, 1] or an unknown interpolation; ShapeError over no elements.
 * @example quantile(tensor([1, 2, 3, 4]), 0.5) // 2.5
 */
export const quantile = (
  x: Tensor,
  q: number | readonly number[],
  axes?: Axes,
  keepDims = false,
  interpolation: Interpolation = "linear",
): Tensor => {
  const fractions = typeof q === "number" ? [q] : q;
  for (const f of fractions) {
    if (!(f >= 0 && f <= 1)) throw new ArgumentError("quantile", `a fraction lies in [0, 1], got ${f}`);
  }
  if (!Object.hasOwn(betweens, interpolation)) {
    const names = Object.keys(betweens).join(", ");
    throw new ArgumentError("quantile", `unknown interpolation "${interpolation}"`, `use one of ${names}`);
  }
  const { length, element, shaped } = sortedRows("quantile", toFloat(x), axes, keepDims);
  const results = fractions.map((f) => {
    const position = betweens[interpolation](f * (length - 1));
    const below = Math.floor(position);
    const y = element(below);
    return shaped(position === below ? y : lerp(y, element(below + 1), position - below));
  });
  return typeof q === "number" ? (results[0] as Tensor) : stack(results);
};
