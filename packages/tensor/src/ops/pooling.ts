import type { PoolKernel, Shape } from "@gradloom/backend";
import { ArgumentError, DTypeError, formatShape } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { toFloat } from "./operands.ts";
import type { Geometry, Padding, PerDimension } from "./window.ts";
import { extent, perDimension, requireSpatial, resolvePadding, windowCounts } from "./window.ts";

interface PoolAttributes extends Geometry {
  readonly mode: PoolKernel["mode"];
  readonly direction: PoolKernel["direction"];
  readonly window: readonly number[];
  readonly countPadding: boolean;
  /** Shape of the result. */
  readonly shape: Shape;
}

/**
 * Windows over [batch, ...spatial, channels]. Average: input x. Max: inputs x and v, the result is v where the window's x is largest, and
 * is linear in v. The directions are each other's gradient in the last input.
 */
export const poolPrimitive: Primitive<PoolAttributes> = definePrimitive<PoolAttributes>({
  name: "pool",
  infer: (inputs, { shape }) => ({ shape, dtype: (inputs[inputs.length - 1] as Tensor).dtype }),
  lower: {
    kind: "kernel",
    fuses: true,
    template: ({ shape: _, ...attributes }) => ({ kind: "pool", ...attributes }),
  },
  gradient: ({ inputs, attributes }, g) => {
    const last = inputs[inputs.length - 1] as Tensor;
    const before = inputs.slice(0, -1);
    const direction = attributes.direction === "forward" ? "gradient" : "forward";
    return [
      ...before.map(() => undefined),
      g.derive(poolPrimitive, [...before, g], { ...attributes, direction, shape: last.shape }),
    ];
  },
});

export interface PoolOptions {
  /** Distance of windows; their size by default. */
  readonly stride?: PerDimension;
  /** For max pooling padding is never chosen. */
  readonly padding?: Padding;
  readonly dilation?: PerDimension;
  /** Also takes a last window that reaches over the end, as long as it starts inside. */
  readonly ceilMode?: boolean;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts as zeros (the default, as in PyTorch), or is left out of the mean (as in Keras). */
  readonly countPadding?: boolean;
}

interface Windows extends Geometry {
  readonly window: readonly number[];
  /** Further positions behind each dimension that a last window reaches over. */
  readonly over: readonly number[];
}

const place = (op: string, rank: number, x: Tensor, size: PerDimension, options: PoolOptions): Windows => {
  requireSpatial(op, x, rank);
  const window = perDimension(op, "the window", size, rank);
  const stride = perDimension(op, "stride", options.stride ?? window, rank);
  const dilation = perDimension(op, "dilation", options.dilation ?? 1, rank);
  const spatial = x.shape.slice(1, -1);
  const padding = resolvePadding(op, options.padding ?? "valid", spatial, window, stride, dilation);
  const over = spatial.map((n, d) => {
    if (options.ceilMode !== true) return 0;
    const [low, high] = padding[d] as readonly [number, number];
    const by = stride[d] as number;
    const reach = extent(window[d] as number, dilation[d] as number);
    const rest = n + low + high - reach;
    const last = Math.ceil(rest / by) * by;
    return rest < 0 || last >= n + low ? 0 : last - rest;
  });
  return { window, stride, dilation, padding, over };
};

/** Refuses windows without a single element of the input. */
const requireElements = (
  op: string,
  spatial: Shape,
  counts: readonly number[],
  { window, stride, padding, dilation }: Windows,
): void => {
  counts.forEach((count, d) => {
    const n = spatial[d] as number;
    const by = dilation[d] as number;
    for (let i = 0; i < count; i++) {
      const start = i * (stride[d] as number) - (padding[d]?.[0] as number);
      const first = start < 0 ? Math.ceil(-start / by) : 0;
      if (first >= (window[d] as number) || start + first * by >= n) {
        throw new ArgumentError(
          op,
          `window ${i} of spatial dimension ${d} lies wholly in the padding, got sizes ${formatShape(spatial)} and window ${formatShape(window)}`,
          "use less padding",
        );
      }
    }
  });
};

const reachOver = (windows: Windows): Windows => ({
  ...windows,
  padding: windows.padding.map(([low, high], d) => [low, high + (windows.over[d] as number)] as const),
  over: windows.over.map(() => 0),
});

const pool = (
  op: string,
  mode: PoolKernel["mode"],
  x: Tensor,
  { window, stride, padding, dilation }: Windows,
  countPadding: boolean,
): Tensor => {
  const spatial = x.shape.slice(1, -1);
  const windows = { window, stride, padding, dilation, over: [] };
  const counts = windowCounts(op, spatial, window, windows);
  if (!countPadding) requireElements(op, spatial, counts, windows);
  const shape = [x.shape[0] as number, ...counts, x.shape[x.rank - 1] as number];
  const attributes: PoolAttributes = {
    mode,
    direction: "forward",
    window,
    stride,
    padding,
    dilation,
    countPadding,
    shape,
  };
  return x.derive(poolPrimitive, mode === "max" ? [x, x] : [x], attributes);
};

export const maxPool = (op: string, rank: number, x: Tensor, size: PerDimension, options: PoolOptions): Tensor => {
  if (x.dtype === "bool") throw new DTypeError(op, "takes numbers, got bool", "use cast(...) first");
  return pool(op, "max", x, reachOver(place(op, rank, x, size, options)), false);
};

export const averagePool = (
  op: string,
  rank: number,
  x: Tensor,
  size: PerDimension,
  options: AveragePoolOptions,
): Tensor => {
  const { countPadding = true } = options;
  const windows = place(op, rank, toFloat(x), size, options);
  if (!countPadding || windows.over.every((n) => n === 0)) {
    return pool(op, "average", toFloat(x), reachOver(windows), countPadding);
  }
  // Padding counts, but what a last window reaches over does not: padding becomes a part of the input.
  const padded = toFloat(x).zeroPad(
    [0, ...windows.padding.map(([low]) => low), 0],
    [0, ...windows.padding.map(([, high]) => high), 0],
  );
  return pool(op, "average", padded, reachOver({ ...windows, padding: windows.padding.map(() => [0, 0]) }), false);
};

/** The sum of each window; padding, and what a last window reaches over, adds nothing. */
export const sumPool = (op: string, rank: number, x: Tensor, size: PerDimension, options: PoolOptions): Tensor => {
  const windows = reachOver(place(op, rank, x, size, options));
  const count = windows.window.reduce((n, m) => n * m, 1);
  return pool(op, "average", x, windows, true).mul(x.constant(count));
};

/**
 * Largest element of each window along the length of x [batch, length, channels]; NaN counts as largest. The gradient goes to the first largest
 * element of the window.
 *
 * @throws ShapeError when a window does not fit; ArgumentError when one lies wholly in the padding.
 * @example maxPool1d(x, 2)
 */
export const maxPool1d = (x: Tensor, window: PerDimension, options: PoolOptions = {}): Tensor =>
  maxPool("maxPool1d", 1, x, window, options);

/**
 * Largest element of each window of x [batch, height, width, channels]. As `maxPool1d`.
 *
 * @example maxPool2d(x, 3, { stride: 2, padding: 1 })
 */
export const maxPool2d = (x: Tensor, window: PerDimension, options: PoolOptions = {}): Tensor =>
  maxPool("maxPool2d", 2, x, window, options);

/** Largest element of each window of x [batch, depth, height, width, channels]. As `maxPool1d`. */
export const maxPool3d = (x: Tensor, window: PerDimension, options: PoolOptions = {}): Tensor =>
  maxPool("maxPool3d", 3, x, window, options);

/**
 * Mean of each window along the length of x [batch, length, channels]. Padding counts as zeros unless `countPadding` is false. Integers
 * give float32.
 *
 * @throws ShapeError when a window does not fit; ArgumentError when there is nothing to average in one.
 * @example averagePool1d(x, 2)
 */
export const averagePool1d = (x: Tensor, window: PerDimension, options: AveragePoolOptions = {}): Tensor =>
  averagePool("averagePool1d", 1, x, window, options);

/**
 * Mean of each window of x [batch, height, width, channels]. As `averagePool1d`.
 *
 * @example averagePool2d(x, [2, 2], { padding: "same", countPadding: false })
 */
export const averagePool2d = (x: Tensor, window: PerDimension, options: AveragePoolOptions = {}): Tensor =>
  averagePool("averagePool2d", 2, x, window, options);

/** Mean of each window of x [batch, depth, height, width, channels]. As `averagePool1d`. */
export const averagePool3d = (x: Tensor, window: PerDimension, options: AveragePoolOptions = {}): Tensor =>
  averagePool("averagePool3d", 3, x, window, options);
