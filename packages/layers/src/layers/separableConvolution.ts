import type { ConvOptions, PerDimension, Tensor, Variable } from "@gradloom/tensor";
import { depthwiseConv2d, separableConv2d } from "@gradloom/tensor";
import type { Initializer } from "../initializers/initializer.ts";
import { Module } from "../module/module.ts";
import { placement, windowOf } from "./convolution.ts";
import type { WeightOptions } from "./parameter.ts";
import { defaultBias, defaultWeight, parameter, requireCount } from "./parameter.ts";

export interface DepthwiseOptions extends Omit<ConvOptions, "groups">, WeightOptions {
  /** Output channels per input channel, 1 by default. */
  readonly multiplier?: number;
}

/** Fans of a depthwise filter are those of its window: each output sees one channel. */
const depthwiseShape = (window: readonly number[], channels: number, multiplier: number): readonly number[] => [
  ...window,
  1,
  channels * multiplier,
];

const depthwiseFilter = (
  name: string,
  window: readonly number[],
  channels: number,
  multiplier: number,
  options: WeightOptions,
): Variable => {
  const { weightInitializer = defaultWeight } = options;
  const initializer: Initializer = (shape, how) =>
    weightInitializer(depthwiseShape(window, channels, multiplier), how).reshape(shape);
  return parameter(name, initializer, [...window, channels, multiplier], options);
};

/**
 * Convolution of each channel by itself over x [batch, height, width, channels]. The weight is [height, width, channels, multiplier], output
 * channel `c * multiplier + m` comes from channel c; weight and bias start as U(-k, k) with `k = 1 / sqrt(height * width)`.
 *
 * @throws ArgumentError for bad sizes; ShapeError for inputs that do not fit.
 * @example new DepthwiseConv2d(32, 3, { padding: "same" }).call(x)
 */
export class DepthwiseConv2d extends Module {
  static override readonly name: string = "DepthwiseConv2d";
  readonly channels: number;
  readonly multiplier: number;
  readonly options: ConvOptions;
  readonly weight: Variable;
  readonly bias: Variable | undefined;

  constructor(channels: number, size: PerDimension, options: DepthwiseOptions = {}) {
    super();
    const { multiplier = 1 } = options;
    const window = windowOf("DepthwiseConv2d", size, 2);
    requireCount("DepthwiseConv2d", "channels", channels);
    requireCount("DepthwiseConv2d", "multiplier", multiplier);
    this.channels = channels;
    this.multiplier = multiplier;
    this.options = placement(options);
    this.weight = depthwiseFilter("weight", window, channels, multiplier, options);
    if (options.bias ?? true) {
      const standard = defaultBias(depthwiseShape(window, channels, multiplier));
      this.bias = parameter("bias", options.biasInitializer ?? standard, [channels * multiplier], options);
    }
  }

  forward(x: Tensor): Tensor {
    const y = depthwiseConv2d(x, this.weight.value, this.options);
    return this.bias === undefined ? y : y.add(this.bias.value);
  }
}

/**
 * A depthwise convolution, then a 1x1 convolution over the channels of x [batch, height, width, inChannels] (Chollet, 2017). Weights are
 * `depthwise` [height, width, inChannels, multiplier] and `pointwise` [1, 1, inChannels * multiplier, outChannels]; both, and the bias,
 * start as those of `DepthwiseConv2d` and `Conv2d`.
 *
 * @throws ArgumentError for bad sizes; ShapeError for inputs that do not fit.
 * @example new SeparableConv2d(32, 64, 3, { padding: "same" }).call(x)
 */
export class SeparableConv2d extends Module {
  static override readonly name: string = "SeparableConv2d";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly options: ConvOptions;
  readonly depthwise: Variable;
  readonly pointwise: Variable;
  readonly bias: Variable | undefined;

  constructor(inChannels: number, outChannels: number, size: PerDimension, options: DepthwiseOptions = {}) {
    super();
    const { multiplier = 1, weightInitializer = defaultWeight } = options;
    const window = windowOf("SeparableConv2d", size, 2);
    requireCount("SeparableConv2d", "inChannels", inChannels);
    requireCount("SeparableConv2d", "outChannels", outChannels);
    requireCount("SeparableConv2d", "multiplier", multiplier);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.options = placement(options);
    this.depthwise = depthwiseFilter("depthwise", window, inChannels, multiplier, options);
    const shape = [1, 1, inChannels * multiplier, outChannels];
    this.pointwise = parameter("pointwise", weightInitializer, shape, options);
    if (options.bias ?? true) {
      this.bias = parameter("bias", options.biasInitializer ?? defaultBias(shape), [outChannels], options);
    }
  }

  forward(x: Tensor): Tensor {
    const y = separableConv2d(x, this.depthwise.value, this.pointwise.value, this.options);
    return this.bias === undefined ? y : y.add(this.bias.value);
  }
}
