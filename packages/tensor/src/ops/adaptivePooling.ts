import { formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { multiplyAlongAxis } from "./alongAxis.ts";
import { take } from "./gather.ts";
import { requireType, toFloat } from "./operands.ts";
import { averagePool, maxPool } from "./pooling.ts";
import type { PerDimension } from "./window.ts";
import { perDimension, requireSpatial } from "./window.ts";

/** Window `i` of `count` over `n` positions: from floor(i n / count) to ceil((i + 1) n / count), as in PyTorch. */
const bounds = (i: number, n: number, count: number): readonly [number, number] => [
  Math.floor((i * n) / count),
  Math.ceil(((i + 1) * n) / count),
];

/** Works on one axis after the other, by `uneven` where the windows are not all alike. */
const adaptive = (
  op: string,
  rank: number,
  x: Tensor,
  size: PerDimension,
  even: (x: Tensor, window: readonly number[]) => Tensor,
  uneven: (x: Tensor, count: number, axis: number) => Tensor,
): Tensor => {
  requireSpatial(op, x, rank);
  const counts = perDimension(op, "the output size", size, rank);
  const spatial = x.shape.slice(1, -1);
  if (spatial.some((n) => n === 0)) throw new ShapeError(op, `there is nothing to pool, got ${formatShape(x.shape)}`);
  if (spatial.every((n, d) => n % (counts[d] as number) === 0)) {
    return even(
      x,
      spatial.map((n, d) => n / (counts[d] as number)),
    );
  }
  return counts.reduce((y: Tensor, count, d) => (count === spatial[d] ? y : uneven(y, count, d + 1)), x);
};

const averages = (x: Tensor, count: number, axis: number): Tensor => {
  const n = x.shape[axis] as number;
  const matrix = new Float64Array(count * n);
  for (let i = 0; i < count; i++) {
    const [from, to] = bounds(i, n, count);
    matrix.fill(1 / (to - from), i * n + from, i * n + to);
  }
  return multiplyAlongAxis(x, matrix, count, axis);
};

/** The largest of windows that are filled up to one length with their last element. */
const largest = (x: Tensor, count: number, axis: number): Tensor => {
  const n = x.shape[axis] as number;
  const windows = Array.from({ length: count }, (_, i) => bounds(i, n, count));
  const length = Math.max(...windows.map(([from, to]) => to - from));
  const indices = windows.map(([from, to]) => Array.from({ length }, (_, k) => Math.min(from + k, to - 1)));
  return take(x, indices, axis).max(axis + 1);
};

const adaptiveAverage = (op: string, rank: number, x: Tensor, size: PerDimension): Tensor =>
  adaptive(op, rank, toFloat(x), size, (y, window) => averagePool(op, rank, y, window, {}), averages);

const adaptiveMax = (op: string, rank: number, x: Tensor, size: PerDimension): Tensor => {
  requireType(op, x, (dtype) => dtype !== "bool", "numbers");
  return adaptive(op, rank, x, size, (y, window) => maxPool(op, rank, y, window, {}), largest);
};

/**
 * Means of `size` windows that cover the length of x [batch, length, channels]: window i from floor(i n / size) to ceil((i + 1) n / size).
 *
 * @throws ShapeError when the input is empty; ArgumentError when the size is not a whole number >= 1.
 * @example adaptiveAveragePool1d(x, 4)
 */
export const adaptiveAveragePool1d = (x: Tensor, size: PerDimension): Tensor =>
  adaptiveAverage("adaptiveAveragePool1d", 1, x, size);

/** Means of windows that cover x [batch, height, width, channels], `size` along each spatial dimension. As `adaptiveAveragePool1d`. */
export const adaptiveAveragePool2d = (x: Tensor, size: PerDimension): Tensor =>
  adaptiveAverage("adaptiveAveragePool2d", 2, x, size);

/** Means of windows that cover x [batch, depth, height, width, channels]. As `adaptiveAveragePool1d`. */
export const adaptiveAveragePool3d = (x: Tensor, size: PerDimension): Tensor =>
  adaptiveAverage("adaptiveAveragePool3d", 3, x, size);

/** Largest elements of the windows of `adaptiveAveragePool1d`. */
export const adaptiveMaxPool1d = (x: Tensor, size: PerDimension): Tensor =>
  adaptiveMax("adaptiveMaxPool1d", 1, x, size);

/** Largest elements of the windows of `adaptiveAveragePool2d`. */
export const adaptiveMaxPool2d = (x: Tensor, size: PerDimension): Tensor =>
  adaptiveMax("adaptiveMaxPool2d", 2, x, size);

/** Largest elements of the windows of `adaptiveAveragePool3d`. */
export const adaptiveMaxPool3d = (x: Tensor, size: PerDimension): Tensor =>
  adaptiveMax("adaptiveMaxPool3d", 3, x, size);

const spatialAxes = (op: string, x: Tensor): number[] => {
  if (x.rank < 3) throw new ShapeError(op, `takes [batch, ...spatial, channels], got ${formatShape(x.shape)}`);
  return Array.from({ length: x.rank - 2 }, (_, d) => d + 1);
};

/**
 * Mean over all spatial dimensions of x [batch, ...spatial, channels]; with `keepDims` they stay with size 1.
 *
 * @example globalAveragePool(zeros([8, 7, 7, 512])).shape // [8, 512]
 */
export const globalAveragePool = (x: Tensor, keepDims = false): Tensor =>
  x.mean(spatialAxes("globalAveragePool", x), keepDims);

/** Largest element over all spatial dimensions of x [batch, ...spatial, channels]. As `globalAveragePool`. */
export const globalMaxPool = (x: Tensor, keepDims = false): Tensor => x.max(spatialAxes("globalMaxPool", x), keepDims);
