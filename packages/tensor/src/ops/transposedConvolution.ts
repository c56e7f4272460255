import { ArgumentError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import type { ConvOptions } from "./convolution.ts";
import { convPrimitive, convType, requireFilter } from "./convolution.ts";
import type { PerDimension } from "./window.ts";
import { extent, perDimension, requireSpatial, resolvePadding } from "./window.ts";

export interface ConvTransposeOptions extends ConvOptions {
  /** Further positions behind each spatial dimension of the result, less than the stride: the convolution drops that many. */
  readonly outputPadding?: PerDimension;
}

/** The adjoint of a convolution: it takes what such a convolution gives, and gives what it takes. */
const transpose = (op: string, rank: number, x: Tensor, filter: Tensor, options: ConvTransposeOptions): Tensor => {
  requireSpatial(op, x, rank);
  requireFilter(op, filter, rank, "output channels / groups, input channels");
  const stride = perDimension(op, "stride", options.stride ?? 1, rank);
  const dilation = perDimension(op, "dilation", options.dilation ?? 1, rank);
  const [groups] = perDimension(op, "groups", options.groups ?? 1, 1) as [number];
  const extra = perDimension(op, "outputPadding", options.outputPadding ?? 0, rank, 0);
  const [channels, perGroup, expected] = [x.shape[rank + 1], filter.shape[rank], filter.shape[rank + 1]] as [
    number,
    number,
    number,
  ];
  if (channels !== expected || channels % groups !== 0) {
    const problem =
      channels === expected
        ? `${channels} input channels do not divide into ${groups} groups`
        : `input has ${channels} channels but the filter expects ${expected}`;
    throw new ShapeError(
      op,
      `${problem}, got ${formatShape(x.shape)} and ${formatShape(filter.shape)}`,
      "the filter is [...window, output channels / groups, input channels]",
    );
  }
  const same = options.padding === "same";
  extra.forEach((n, d) => {
    if (n >= (stride[d] as number) || (same && n > 0)) {
      throw new ArgumentError(
        op,
        `outputPadding is less than the stride and 0 with padding "same", got ${n} and stride ${stride[d]}`,
      );
    }
  });
  const window = filter.shape.slice(0, rank);
  const spatial = x.shape.slice(1, -1);
  const full = spatial.map((n, d) => n * (stride[d] as number));
  const padding = resolvePadding(op, options.padding ?? "valid", same ? full : spatial, window, stride, dilation);
  const out = spatial.map((n, d) => {
    if (same) return full[d] as number;
    const [low, high] = padding[d] as readonly [number, number];
    const reach = extent(window[d] as number, dilation[d] as number);
    const size = (n - 1) * (stride[d] as number) + reach - low - high + (extra[d] as number);
    if (n === 0 || size < 1) {
      throw new ShapeError(
        op,
        `spatial dimension ${d} would have ${size} positions, got ${formatShape(x.shape)}`,
        "use less padding",
      );
    }
    return size;
  });
  const shape = [x.shape[0] as number, ...out, perGroup * groups];
  const dtype = convType(op, x, filter);
  const attributes = { direction: "inputGradient", stride, padding, dilation, groups, shape } as const;
  return x.derive(convPrimitive, [x.cast(dtype), filter.cast(dtype)], attributes);
};

/**
 * Transposed convolution over one dimension, the input gradient of `conv1d`: x is [batch, length, channels], the filter
 * [window, output channels / groups, channels], the result has length `(length - 1) * stride + (window - 1) * dilation + 1 - padding +
 * outputPadding`, with padding "same" `length * stride`.
 *
 * @throws ShapeError when channels or sizes do not fit; ArgumentError when outputPadding is not less than the stride.
 * @example convTranspose1d(x, filter, { stride: 2, padding: "same" })
 */
export const convTranspose1d = (x: Tensor, filter: Tensor, options: ConvTransposeOptions = {}): Tensor =>
  transpose("convTranspose1d", 1, x, filter, options);

/**
 * Transposed convolution over two dimensions: the filter is [height, width, output channels / groups, channels]. As `convTranspose1d`.
 *
 * @example convTranspose2d(x, filter, { stride: 2, padding: 1, outputPadding: 1 })
 */
export const convTranspose2d = (x: Tensor, filter: Tensor, options: ConvTransposeOptions = {}): Tensor =>
  transpose("convTranspose2d", 2, x, filter, options);

/**
 * Transposed convolution over three dimensions: the filter is [depth, height, width, output channels / groups, channels]. As
 * `convTranspose1d`.
 *
 * @example convTranspose3d(x, filter, { stride: 2, padding: "same" })
 */
export const convTranspose3d = (x: Tensor, filter: Tensor, options: ConvTransposeOptions = {}): Tensor =>
  transpose("convTranspose3d", 3, x, filter, options);
