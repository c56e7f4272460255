import type { ConvTransposeOptions, PerDimension, Tensor, Variable } from "@gradloom/tensor";
import { convTranspose1d, convTranspose2d, convTranspose3d } from "@gradloom/tensor";
import { Module } from "../module/module.ts";
import { placement, requireGroups, windowOf } from "./convolution.ts";
import type { WeightOptions } from "./parameter.ts";
import { defaultBias, defaultWeight, parameter } from "./parameter.ts";

export interface ConvTransposeLayerOptions extends ConvTransposeOptions, WeightOptions {}

type Convolve = (x: Tensor, filter: Tensor, options: ConvTransposeOptions) => Tensor;

/** What the transposed convolutions share; construct a ConvTranspose1d, ConvTranspose2d or ConvTranspose3d. */
export abstract class TransposedConvolution extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly options: ConvTransposeOptions;
  readonly weight: Variable;
  readonly bias: Variable | undefined;
  readonly #convolve: Convolve;

  constructor(
    convolve: Convolve,
    rank: number,
    inChannels: number,
    outChannels: number,
    size: PerDimension,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    const layer = new.target.name;
    const { groups = 1, outputPadding } = options;
    const window = windowOf(layer, size, rank);
    requireGroups(layer, groups, inChannels, outChannels);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.options = { ...placement(options), ...(outputPadding === undefined ? {} : { outputPadding }) };
    this.#convolve = convolve;
    const shape = [...window, outChannels / groups, inChannels];
    this.weight = parameter("weight", options.weightInitializer ?? defaultWeight, shape, options);
    if (options.bias ?? true) {
      this.bias = parameter("bias", options.biasInitializer ?? defaultBias(shape), [outChannels], options);
    }
  }

  forward(x: Tensor): Tensor {
    const y = this.#convolve(x, this.weight.value, this.options);
    return this.bias === undefined ? y : y.add(this.bias.value);
  }
}

/**
 * Transposed convolution over x [batch, length, inChannels]. The weight is [window, outChannels / groups, inChannels]; weight and
 * bias start as U(-k, k) with `k = 1 / sqrt(window * outChannels / groups)`, as in PyTorch.
 *
 * @throws ArgumentError for sizes that do not fit each other; ShapeError for inputs that do not fit.
 * @example new ConvTranspose1d(32, 16, 4, { stride: 2, padding: 1 }).call(x)
 */
export class ConvTranspose1d extends TransposedConvolution {
  static override readonly name: string = "ConvTranspose1d";

  constructor(inChannels: number, outChannels: number, window: PerDimension, options: ConvTransposeLayerOptions = {}) {
    super(convTranspose1d, 1, inChannels, outChannels, window, options);
  }
}

/**
 * Transposed convolution over x [batch, height, width, inChannels]. The weight is [height, width, outChannels / groups, inChannels]. As
 * `ConvTranspose1d`.
 */
export class ConvTranspose2d extends TransposedConvolution {
  static override readonly name: string = "ConvTranspose2d";

  constructor(inChannels: number, outChannels: number, window: PerDimension, options: ConvTransposeLayerOptions = {}) {
    super(convTranspose2d, 2, inChannels, outChannels, window, options);
  }
}

/**
 * Transposed convolution over x [batch, depth, height, width, inChannels]. The weight is
 * [depth, height, width, outChannels / groups, inChannels]. As `ConvTranspose1d`.
 */
export class ConvTranspose3d extends TransposedConvolution {
  static override readonly name: string = "ConvTranspose3d";

  constructor(inChannels: number, outChannels: number, window: PerDimension, options: ConvTransposeLayerOptions = {}) {
    super(convTranspose3d, 3, inChannels, outChannels, window, options);
  }
}
