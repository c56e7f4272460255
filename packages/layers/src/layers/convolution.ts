import type { ConvOptions, PadMode, PerDimension, Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, conv1d, conv2d, conv3d, pad } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import type { WeightOptions } from "./parameter.ts";
import { defaultBias, defaultWeight, parameter, requireCount } from "./parameter.ts";

export interface ConvLayerOptions extends ConvOptions, WeightOptions {
  /** What padding is filled with: zeros ("constant", the default), or what `pad` knows. */
  readonly paddingMode?: PadMode;
}

type Convolve = (x: Tensor, filter: Tensor, options: ConvOptions) => Tensor;

export const windowOf = (layer: string, size: PerDimension, rank: number): readonly number[] => {
  const window = typeof size === "number" ? new Array<number>(rank).fill(size) : size;
  if (window.length !== rank || window.some((n) => !Number.isInteger(n) || n < 1)) {
    const wanted = `a whole number >= 1${rank > 1 ? `, or ${rank} of them` : ""}`;
    throw new ArgumentError(layer, `the window is ${wanted}, got ${JSON.stringify(size)}`);
  }
  return window;
};

/** Refuses groups that do not divide both channels. */
export const requireGroups = (layer: string, groups: number, inChannels: number, outChannels: number): void => {
  requireCount(layer, "inChannels", inChannels);
  requireCount(layer, "outChannels", outChannels);
  requireCount(layer, "groups", groups);
  if (inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new ArgumentError(layer, `groups divide both channels, got ${groups} for ${inChannels} and ${outChannels}`);
  }
};

/** Only what convolutions take. */
export const placement = ({ stride, padding, dilation, groups }: ConvOptions): ConvOptions => ({
  ...(stride === undefined ? {} : { stride }),
  ...(padding === undefined ? {} : { padding }),
  ...(dilation === undefined ? {} : { dilation }),
  ...(groups === undefined ? {} : { groups }),
});

/** What the convolutions share; construct a Conv1d, Conv2d or Conv3d. */
export abstract class Convolution extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly options: ConvOptions;
  readonly paddingMode: PadMode;
  readonly weight: Variable;
  readonly bias: Variable | undefined;
  readonly #convolve: Convolve;

  constructor(
    convolve: Convolve,
    rank: number,
    inChannels: number,
    outChannels: number,
    size: PerDimension,
    options: ConvLayerOptions,
  ) {
    super();
    const layer = new.target.name;
    const { groups = 1, paddingMode = "constant", padding } = options;
    const window = windowOf(layer, size, rank);
    requireGroups(layer, groups, inChannels, outChannels);
    if (paddingMode !== "constant" && typeof padding === "string") {
      throw new ArgumentError(layer, `padding "${padding}" has no mode "${paddingMode}"`, "give padding as numbers");
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.options = placement(options);
    this.paddingMode = paddingMode;
    this.#convolve = convolve;
    const shape = [...window, inChannels / groups, outChannels];
    this.weight = parameter("weight", options.weightInitializer ?? defaultWeight, shape, options);
    if (options.bias ?? true) {
      this.bias = parameter("bias", options.biasInitializer ?? defaultBias(shape), [outChannels], options);
    }
  }

  forward(x: Tensor): Tensor {
    const { padding = 0, ...others } = this.options;
    const spatial = Array.from({ length: this.weight.shape.length - 2 }, (_, d) => d + 1);
    const y =
      this.paddingMode === "constant" || typeof padding === "string"
        ? this.#convolve(x, this.weight.value, this.options)
        : this.#convolve(
            pad(x, typeof padding === "number" ? spatial.map(() => padding) : padding, {
              axes: spatial,
              mode: this.paddingMode,
            }),
            this.weight.value,
            others,
          );
    return this.bias === undefined ? y : y.add(this.bias.value);
  }
}

/**
 * Convolution over x [batch, length, inChannels]. The weight is [window, inChannels / groups, outChannels]; weight and bias start as
 * U(-k, k) with `k = 1 / sqrt(window * inChannels / groups)`. No padding by default; "same" keeps `ceil(length / stride)`.
 *
 * @throws ArgumentError for sizes that do not fit each other; ShapeError for inputs that do not fit.
 * @example new Conv1d(16, 32, 3, { padding: "same" }).call(x)
 */
export class Conv1d extends Convolution {
  static override readonly name: string = "Conv1d";

  constructor(inChannels: number, outChannels: number, window: PerDimension, options: ConvLayerOptions = {}) {
    super(conv1d, 1, inChannels, outChannels, window, options);
  }
}

/**
 * Convolution over x [batch, height, width, inChannels]. The weight is [height, width, inChannels / groups, outChannels]. As `Conv1d`.
 *
 * @example new Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false }).call(images)
 */
export class Conv2d extends Convolution {
  static override readonly name: string = "Conv2d";

  constructor(inChannels: number, outChannels: number, window: PerDimension, options: ConvLayerOptions = {}) {
    super(conv2d, 2, inChannels, outChannels, window, options);
  }
}

/**
 * Convolution over x [batch, depth, height, width, inChannels]. The weight is [depth, height, width, inChannels / groups, outChannels].
 * As `Conv1d`.
 */
export class Conv3d extends Convolution {
  static override readonly name: string = "Conv3d";

  constructor(inChannels: number, outChannels: number, window: PerDimension, options: ConvLayerOptions = {}) {
    super(conv3d, 3, inChannels, outChannels, window, options);
  }
}
