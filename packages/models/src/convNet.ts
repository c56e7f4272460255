import { Conv2d, Flatten, Linear, MaxPool2d, Sequential } from "@gradloom/layers";
import { Dropout } from "@gradloom/regularization";
import type { Shape } from "@gradloom/tensor";
import { ArgumentError, relu } from "@gradloom/tensor";
import type { ModelOptions } from "./options.ts";
import { batchNorm, convolution, creation } from "./options.ts";

export interface ConvNetOptions extends Omit<ModelOptions, "channels"> {
  /** [height, width, channels]: [28, 28, 1] by default. */
  readonly inputShape?: Shape;
  /** Channels of each stage; each halves the image. [16, 32] by default. */
  readonly widths?: readonly number[];
  /** Size of the hidden layer: 128 by default. */
  readonly hidden?: number;
  /** Rate of dropout before the last layer: 0.25 by default. */
  readonly dropout?: number;
}

/**
 * A small network for small images: per stage a 3 x 3 convolution, batch normalisation, relu and 2 x 2 max pooling; then one hidden
 * layer with dropout. It passes 99 % on MNIST in a few epochs.
 *
 * @throws ArgumentError for images that the stages would halve away.
 * @example convNet({ inputShape: [32, 32, 3], widths: [32, 64, 128] })
 */
export const convNet = (options: ConvNetOptions = {}): Sequential => {
  const { inputShape = [28, 28, 1], classes = 10, widths = [16, 32], hidden = 128, dropout = 0.25 } = options;
  const [height = 0, width = 0, channels = 0] = inputShape;
  const halved = (n: number): number => Math.floor(n / 2 ** widths.length);
  if (Math.min(halved(height), halved(width)) < 1) {
    const least = 2 ** widths.length;
    throw new ArgumentError("convNet", `takes images from ${least} x ${least}, got ${height} x ${width}`);
  }
  const stages = widths.flatMap((size, i) => [
    i === 0
      ? new Conv2d(channels, size, 3, { ...creation(options), padding: 1, bias: false })
      : convolution(widths[i - 1] as number, size, 3, 1, options),
    batchNorm(size, options),
    relu,
    new MaxPool2d(2),
  ]);
  const features = halved(height) * halved(width) * (widths.at(-1) ?? channels);
  return new Sequential(
    ...stages,
    new Flatten(),
    new Linear(features, hidden, creation(options)),
    relu,
    new Dropout(dropout),
    new Linear(hidden, classes, creation(options)),
  );
};
