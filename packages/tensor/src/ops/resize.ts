import { ArgumentError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { multiplyAlongAxis } from "./alongAxis.ts";
import { take } from "./gather.ts";
import { requireType, toFloat } from "./operands.ts";
import { repeatInterleave } from "./tile.ts";
import type { PerDimension } from "./window.ts";
import { perDimension } from "./window.ts";

/** Nearest neighbour, linear (bilinear in images), or Catmull-Rom-like cubic interpolation with a = -0.75. */
export type ResizeMode = "nearest" | "linear" | "cubic";

export interface ResizeOptions {
  readonly mode?: ResizeMode;
  /** Whether the centres of the corner elements stay in place, instead of the outer edges; not for mode "nearest". */
  readonly alignCorners?: boolean;
}

/** Input positions and their weights for one output position. */
type Taps = (source: number) => readonly (readonly [position: number, weight: number])[];

/** Keys' cubic convolution kernel (1981). */
const cubic = (distance: number): number => {
  const a = -0.75;
  const t = Math.abs(distance);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
};

const interpolations: Readonly<Record<Exclude<ResizeMode, "nearest">, Taps>> = {
  linear: (source) => {
    const from = Math.floor(source);
    return [
      [from, from + 1 - source],
      [from + 1, source - from],
    ];
  },
  cubic: (source) => {
    const from = Math.floor(source);
    return [-1, 0, 1, 2].map((k) => [from + k, cubic(source - from - k)] as const);
  },
};

/** Resizes one axis by the matrix of its interpolation weights; positions outside count as the edge. */
const interpolate = (
  x: Tensor,
  size: number,
  axis: number,
  mode: Exclude<ResizeMode, "nearest">,
  alignCorners: boolean,
): Tensor => {
  const n = x.shape[axis] as number;
  const matrix = new Float64Array(size * n);
  const taps = interpolations[mode];
  for (let i = 0; i < size; i++) {
    let source = alignCorners ? (size === 1 ? 0 : (i * (n - 1)) / (size - 1)) : ((i + 0.5) * n) / size - 0.5;
    if (mode === "linear") source = Math.max(0, source);
    for (const [position, weight] of taps(source)) {
      const at = i * n + Math.min(n - 1, Math.max(0, position));
      matrix[at] = (matrix[at] as number) + weight;
    }
  }
  return multiplyAlongAxis(x, matrix, size, axis);
};

/** Output position i shows input position floor(i n / size). */
const nearest = (x: Tensor, size: number, axis: number): Tensor => {
  const n = x.shape[axis] as number;
  if (size % n === 0) return repeatInterleave(x, size / n, axis);
  return take(
    x,
    Array.from({ length: size }, (_, i) => Math.floor((i * n) / size)),
    axis,
  );
};

const requireSizes = (op: string, x: Tensor): number => {
  if (x.rank < 3 || x.shape.slice(1, -1).some((n) => n === 0)) {
    throw new ShapeError(
      op,
      `takes [batch, ...spatial, channels] with spatial sizes >= 1, got ${formatShape(x.shape)}`,
    );
  }
  return x.rank - 2;
};

const resizeAs = (op: string, x: Tensor, sizes: readonly number[], options: ResizeOptions): Tensor => {
  const { mode = "nearest", alignCorners = false } = options;
  if (mode === "nearest") {
    if (alignCorners)
      throw new ArgumentError(op, 'mode "nearest" has no corners to align', 'use mode "linear" or "cubic"');
    return sizes.reduce((y: Tensor, size, d) => (size === x.shape[d + 1] ? y : nearest(y, size, d + 1)), x);
  }
  if (!(mode in interpolations))
    throw new ArgumentError(op, `unknown mode "${String(mode)}"`, 'use "nearest", "linear" or "cubic"');
  requireType(op, x, (dtype) => dtype !== "bool", "numbers");
  return sizes.reduce(
    (y: Tensor, size, d) => (size === x.shape[d + 1] ? y : interpolate(y, size, d + 1, mode, alignCorners)),
    toFloat(x),
  );
};

/**
 * x [batch, ...spatial, channels] with its spatial dimensions brought to `size` by interpolation, as PyTorch's `interpolate` (without
 * antialiasing). Mode is "nearest" by default; integers become float32 in the other modes.
 *
 * @throws ShapeError when a spatial dimension is empty; ArgumentError for sizes that are not whole numbers >= 1.
 * @example resize(images, [224, 224], { mode: "linear" })
 */
export const resize = (x: Tensor, size: PerDimension, options: ResizeOptions = {}): Tensor =>
  resizeAs("resize", x, perDimension("resize", "the size", size, requireSizes("resize", x)), options);

/**
 * x [batch, ...spatial, channels] with each spatial dimension made `factor` times as long; as `resize`.
 *
 * @throws ArgumentError when a factor is not a whole number >= 1.
 * @example upsample(zeros([1, 4, 4, 3]), 2).shape // [1, 8, 8, 3]
 */
export const upsample = (x: Tensor, factor: PerDimension, options: ResizeOptions = {}): Tensor => {
  const factors = perDimension("upsample", "the factor", factor, requireSizes("upsample", x));
  return resizeAs(
    "upsample",
    x,
    factors.map((by, d) => by * (x.shape[d + 1] as number)),
    options,
  );
};
