import type { Initializer } from "@gradloom/layers";
import { BatchNorm, Conv2d, kaimingNormal } from "@gradloom/layers";
import type { CreateOptions } from "@gradloom/tensor";

/** What all classifiers of images let you choose. */
export interface ModelOptions extends CreateOptions {
  /** Channels of the images: 3 by default. */
  readonly channels?: number;
  /** Length of the result: one logit per class. */
  readonly classes?: number;
}

/** Only what says how to create parameters. */
export const creation = ({ dtype, device }: CreateOptions): CreateOptions => ({
  ...(dtype === undefined ? {} : { dtype }),
  ...(device === undefined ? {} : { device }),
});

/** He et al., "Delving deep into rectifiers", 2015, as torchvision initialises convolutions before a relu. */
export const fanOut: Initializer = (shape, options) =>
  kaimingNormal(shape, { ...options, mode: "fanOut", nonlinearity: "relu" });

/** A convolution without bias that keeps `ceil(size / stride)`, for a normalisation to follow. */
export const convolution = (
  inChannels: number,
  outChannels: number,
  size: number,
  stride: number,
  options: CreateOptions,
): Conv2d =>
  new Conv2d(inChannels, outChannels, size, {
    ...creation(options),
    stride,
    padding: (size - 1) / 2,
    bias: false,
    weightInitializer: fanOut,
  });

export const batchNorm = (channels: number, options: CreateOptions): BatchNorm =>
  new BatchNorm(channels, creation(options));
