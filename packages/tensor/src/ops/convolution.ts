import type { ConvKernel, DType, Shape } from "@gradloom/backend";
import { DTypeError, formatShape, isFloat, ShapeError } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { promoteTypes } from "./promotion.ts";
import type { Geometry, Padding, PerDimension } from "./window.ts";
import { perDimension, requireSpatial, resolvePadding, windowCounts } from "./window.ts";

export interface ConvAttributes extends Geometry {
  readonly direction: ConvKernel["direction"];
  readonly groups: number;
  /** Shape of the result. */
  readonly shape: Shape;
}

/**
 * y = x * f in three directions: of x, f and y = forward(x, f), x' = inputGradient(y', f), f' = weightGradient(x, y') each is linear in two,
 * so their gradients are each other.
 */
export const convPrimitive: Primitive<ConvAttributes> = definePrimitive<ConvAttributes>({
  name: "conv",
  infer: ([a], { shape }) => ({ shape, dtype: isFloat((a as Tensor).dtype) ? (a as Tensor).dtype : "int32" }),
  lower: {
    kind: "kernel",
    fuses: true,
    template: ({ direction, stride, padding, dilation, groups }) => ({
      kind: "conv",
      direction,
      stride,
      padding,
      dilation,
      groups,
    }),
  },
  gradient: ({ inputs, attributes }, g) => {
    const [a, b] = inputs as [Tensor, Tensor];
    const towards = (direction: ConvKernel["direction"], first: Tensor, second: Tensor, { shape }: Tensor): Tensor =>
      g.derive(convPrimitive, [first, second], { ...attributes, direction, shape });
    switch (attributes.direction) {
      case "forward":
        return [towards("inputGradient", g, b, a), towards("weightGradient", a, g, b)];
      case "inputGradient":
        return [towards("forward", g, b, a), towards("weightGradient", g, a, b)];
      case "weightGradient":
        return [towards("inputGradient", b, g, a), towards("forward", a, g, b)];
    }
  },
});

export interface ConvOptions {
  readonly stride?: PerDimension;
  readonly padding?: Padding;
  /** Distance between the elements of the filter, 1 by default. */
  readonly dilation?: PerDimension;
  /** Input and output channels are cut into so many groups that do not see each other. */
  readonly groups?: number;
}

/** The element type in which input and filter meet. */
export const convType = (op: string, x: Tensor, filter: Tensor): DType => {
  const dtype = promoteTypes(x.dtype, filter.dtype);
  if (dtype === "bool" || dtype === "uint32") {
    throw new DTypeError(
      op,
      `takes floats or signed integers, got ${x.dtype} and ${filter.dtype}`,
      "use cast(...) first",
    );
  }
  return dtype;
};

export const requireFilter = (op: string, filter: Tensor, rank: number, axes: string): void => {
  if (filter.rank !== rank + 2 || filter.shape.slice(0, rank).some((n) => n === 0)) {
    throw new ShapeError(
      op,
      `the filter is [...window, ${axes}] of rank ${rank + 2}, got ${formatShape(filter.shape)}`,
    );
  }
};

/** Convolution over `rank` spatial dimensions. */
export const convolve = (op: string, rank: number, x: Tensor, filter: Tensor, options: ConvOptions): Tensor => {
  requireSpatial(op, x, rank);
  requireFilter(op, filter, rank, "input channels / groups, output channels");
  const stride = perDimension(op, "stride", options.stride ?? 1, rank);
  const dilation = perDimension(op, "dilation", options.dilation ?? 1, rank);
  const [groups] = perDimension(op, "groups", options.groups ?? 1, 1) as [number];
  const [channels, perGroup, count] = [x.shape[rank + 1], filter.shape[rank], filter.shape[rank + 1]] as [
    number,
    number,
    number,
  ];
  if (channels !== perGroup * groups) {
    const expects =
      groups === 1 ? `the filter expects ${perGroup}` : `the filter expects ${perGroup} in each of ${groups} groups`;
    throw new ShapeError(
      op,
      `input has ${channels} channels but ${expects}, got ${formatShape(x.shape)} and ${formatShape(filter.shape)}`,
      "pass groups or fix the filter",
    );
  }
  if (count % groups !== 0) {
    throw new ShapeError(
      op,
      `${count} output channels do not divide into ${groups} groups, got filter ${formatShape(filter.shape)}`,
    );
  }
  const window = filter.shape.slice(0, rank);
  const spatial = x.shape.slice(1, -1);
  const padding = resolvePadding(op, options.padding ?? "valid", spatial, window, stride, dilation);
  const shape = [x.shape[0] as number, ...windowCounts(op, spatial, window, { stride, padding, dilation }), count];
  const dtype = convType(op, x, filter);
  const attributes: ConvAttributes = { direction: "forward", stride, padding, dilation, groups, shape };
  return x.derive(convPrimitive, [x.cast(dtype), filter.cast(dtype)], attributes);
};

/**
 * Convolution (cross-correlation) over one dimension: `y[n, i, o] = sum_{k, c} x[n, i * stride + k * dilation - before, c] filter[k, c, o]`.
 * x is [batch, length, channels], the filter [window, channels / groups, output channels]. Padding is "valid" by default; float16 and
 * bfloat16 add up in float32, integers in int32.
 *
 * @throws ShapeError when channels, groups or sizes do not fit; ArgumentError for negative padding or a stride or dilation below 1.
 * @example conv1d(x, filter, { padding: "same" })
 */
export const conv1d = (x: Tensor, filter: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv1d", 1, x, filter, options);

/**
 * Convolution over two dimensions: x is [batch, height, width, channels], the filter [height, width, channels / groups, output channels].
 * As `conv1d`.
 *
 * @example conv2d(images, filter, { stride: 2, padding: 1 })
 */
export const conv2d = (x: Tensor, filter: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv2d", 2, x, filter, options);

/**
 * Convolution over three dimensions: x is [batch, depth, height, width, channels], the filter
 * [depth, height, width, channels / groups, output channels]. As `conv1d`.
 *
 * @example conv3d(volumes, filter, { padding: "same" })
 */
export const conv3d = (x: Tensor, filter: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv3d", 3, x, filter, options);

/**
 * Convolution of each channel by itself: the filter is [height, width, channels, multiplier], output channel `c * multiplier + m` comes from
 * channel `c`.
 *
 * @throws ShapeError when the channels differ; otherwise as `conv1d`.
 * @example depthwiseConv2d(x, zeros([3, 3, 8, 1]), { padding: "same" })
 */
export const depthwiseConv2d = (x: Tensor, filter: Tensor, options: Omit<ConvOptions, "groups"> = {}): Tensor => {
  requireSpatial("depthwiseConv2d", x, 2);
  requireFilter("depthwiseConv2d", filter, 2, "channels, multiplier");
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  if (channels !== x.shape[3] || channels === 0) {
    throw new ShapeError(
      "depthwiseConv2d",
      `input has ${x.shape[3]} channels but the filter ${channels}, got ${formatShape(x.shape)} and ${formatShape(filter.shape)}`,
      "fix the filter",
    );
  }
  const grouped = filter.reshape([height, width, 1, channels * multiplier]);
  return convolve("depthwiseConv2d", 2, x, grouped, { ...options, groups: channels });
};

/**
 * A depthwise convolution, then a 1x1 convolution over the channels: `depthwise` is [height, width, channels, multiplier], `pointwise`
 * [1, 1, channels * multiplier, output channels].
 *
 * @throws ShapeError when `pointwise` does not fit; otherwise as `depthwiseConv2d`.
 * @example separableConv2d(x, depthwise, pointwise, { padding: "same" })
 */
export const separableConv2d = (
  x: Tensor,
  depthwise: Tensor,
  pointwise: Tensor,
  options: Omit<ConvOptions, "groups"> = {},
): Tensor => {
  if (pointwise.rank !== 4 || pointwise.shape[0] !== 1 || pointwise.shape[1] !== 1) {
    throw new ShapeError(
      "separableConv2d",
      `the pointwise filter is [1, 1, channels, output channels], got ${formatShape(pointwise.shape)}`,
    );
  }
  return convolve("separableConv2d", 2, depthwiseConv2d(x, depthwise, options), pointwise, {});
};
