import { ArgumentError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { slidingWindows } from "./movement.ts";
import type { Geometry, Padding, PerDimension } from "./window.ts";
import { perDimension, resolvePadding, windowCounts } from "./window.ts";

export interface UnfoldOptions {
  readonly stride?: PerDimension;
  readonly padding?: Padding;
  readonly dilation?: PerDimension;
}

const geometryOf = (op: string, spatial: readonly number[], size: PerDimension, options: UnfoldOptions) => {
  const rank = spatial.length;
  const window = perDimension(op, "the window", size, rank);
  const stride = perDimension(op, "stride", options.stride ?? 1, rank);
  const dilation = perDimension(op, "dilation", options.dilation ?? 1, rank);
  const padding = resolvePadding(op, options.padding ?? "valid", spatial, window, stride, dilation);
  const geometry: Geometry = { stride, dilation, padding };
  return { window, geometry, counts: windowCounts(op, spatial, window, geometry) };
};

const product = (list: readonly number[]): number => list.reduce((n, m) => n * m, 1);

/**
 * The patches under each window (im2col), channels last: x [batch, ...spatial, channels] becomes [batch, windows, patch], windows and patch
 * in row-major order, the patch as [...window, channels]. So `matmul(unfold(x, size), filter.reshape([-1, outputs]))` is a convolution.
 *
 * @throws ShapeError when a window does not fit.
 * @example unfold(zeros([1, 4, 4, 3]), 2).shape // [1, 9, 12]
 */
export const unfold = (x: Tensor, size: PerDimension, options: UnfoldOptions = {}): Tensor => {
  const rank = x.rank - 2;
  if (rank < 1) throw new ShapeError("unfold", `takes [batch, ...spatial, channels], got ${formatShape(x.shape)}`);
  const { window, geometry, counts } = geometryOf("unfold", x.shape.slice(1, -1), size, options);
  const padded = x.zeroPad(
    [0, ...geometry.padding.map(([low]) => low), 0],
    [0, ...geometry.padding.map(([, high]) => high), 0],
  );
  const windows = window.reduce(
    (y: Tensor, n, d) => slidingWindows(y, d + 1, n, geometry.stride[d], geometry.dilation[d]),
    padded,
  );
  // [batch, ...counts, channels, ...window] to [batch, ...counts, ...window, channels]
  const axes = [...counts.keys(), rank, ...window.map((_, d) => d + rank + 2), rank + 1];
  const [batch, channels] = [x.shape[0] as number, x.shape[rank + 1] as number];
  return windows.permute(axes).reshape([batch, product(counts), product(window) * channels]);
};

/** The adjoint of sliding windows: [..., count, ..., window] added up at their positions along an axis of `length`. */
const foldAxis = (x: Tensor, axis: number, length: number, step: number, dilation: number): Tensor => {
  const count = x.shape[axis] as number;
  const window = x.shape[x.rank - 1] as number;
  const only = (value: number, other: (n: number) => number) => (n: number, d: number) =>
    d === axis ? value : other(n);
  let total: Tensor | undefined;
  for (let i = 0; i < window; i++) {
    const lines = x.slice(["...", i]);
    const { shape } = lines;
    const spaced = lines
      .reshape(shape.flatMap((n, d) => (d === axis ? [n, 1] : [n])))
      .zeroPad(
        [...shape, 0].map(() => 0),
        [...shape, 0].map((_, d) => (d === axis + 1 ? step - 1 : 0)),
      )
      .reshape(shape.map(only(count * step, (n) => n)))
      .stridedSlice(
        shape.map(() => 0),
        shape.map(only((count - 1) * step + 1, (n) => n)),
      );
    const placed = spaced.zeroPad(
      shape.map(only(i * dilation, () => 0)),
      shape.map(only(length - i * dilation - ((count - 1) * step + 1), () => 0)),
    );
    total = total === undefined ? placed : total.add(placed);
  }
  return total as Tensor;
};

/**
 * Adds patches up at the positions that `unfold` took them from (col2im): x [batch, windows, patch] becomes
 * [batch, ...spatial, channels]. The adjoint of `unfold`.
 *
 * @throws ShapeError when the number of windows or the size of a patch does not fit.
 * @example fold(zeros([1, 9, 12]), [4, 4], 2).shape // [1, 4, 4, 3]
 */
export const fold = (
  x: Tensor,
  spatial: readonly number[],
  size: PerDimension,
  options: UnfoldOptions = {},
): Tensor => {
  if (x.rank !== 3) throw new ShapeError("fold", `takes [batch, windows, patch], got ${formatShape(x.shape)}`);
  const rank = spatial.length;
  if (rank === 0 || spatial.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new ArgumentError("fold", `spatial sizes are whole numbers >= 1, got ${formatShape(spatial)}`);
  }
  const { window, geometry, counts } = geometryOf("fold", spatial, size, options);
  const [batch, windows, patch] = x.shape as [number, number, number];
  if (windows !== product(counts) || patch % product(window) !== 0) {
    throw new ShapeError(
      "fold",
      `spatial sizes ${formatShape(spatial)} give ${product(counts)} windows of a multiple of ${product(window)}, got ${formatShape(x.shape)}`,
    );
  }
  const channels = patch / product(window);
  // [batch, ...counts, ...window, channels] to [batch, ...counts, channels, ...window], then the last window axis first.
  const split = x
    .reshape([batch, ...counts, ...window, channels])
    .permute([0, ...counts.map((_, d) => d + 1), 2 * rank + 1, ...window.map((_, d) => d + rank + 1)]);
  let y = split;
  for (let d = rank - 1; d >= 0; d--) {
    const [low, high] = geometry.padding[d] as readonly [number, number];
    const length = (spatial[d] as number) + low + high;
    y = foldAxis(y, d + 1, length, geometry.stride[d] as number, geometry.dilation[d] as number);
  }
  return y.stridedSlice([0, ...geometry.padding.map(([low]) => low), 0], [batch, ...spatial, channels]);
};
