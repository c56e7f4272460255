import { DepthwiseConv2d, GlobalAveragePool, Linear, Module, Residual, Sequential } from "@gradloom/layers";
import { Dropout } from "@gradloom/regularization";
import type { CreateOptions, Tensor } from "@gradloom/tensor";
import { relu, relu6 } from "@gradloom/tensor";
import type { ModelOptions } from "./options.ts";
import { batchNorm, convolution, creation, fanOut } from "./options.ts";

export interface MobilenetOptions extends ModelOptions {
  /** Factor on all channels: 1 by default. */
  readonly width?: number;
  /** Rate of dropout before the classifier: 0 in version 1, 0.2 in version 2 by default. */
  readonly dropout?: number;
}

/** The nearest multiple of 8, at most a tenth below. */
const rounded = (channels: number): number => {
  const near = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return near < 0.9 * channels ? near + 8 : near;
};

const depthwise = (channels: number, stride: number, options: CreateOptions): DepthwiseConv2d =>
  new DepthwiseConv2d(channels, 3, {
    ...creation(options),
    stride,
    padding: 1,
    bias: false,
    weightInitializer: fanOut,
  });

/** Output channels and stride of the depthwise separable layers of version 1. */
const separable = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** Expansion, output channels, repeats and first stride of the inverted residuals of version 2. */
const inverted = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

const featuresV1 = (channels: number, width: number, options: CreateOptions): [Sequential, number] => {
  let inChannels = rounded(32 * width);
  const stem = [convolution(channels, inChannels, 3, 2, options), batchNorm(inChannels, options), relu];
  const layers = separable.flatMap(([out, stride]) => {
    const [from, to] = [inChannels, rounded(out * width)];
    inChannels = to;
    return [
      depthwise(from, stride, options),
      batchNorm(from, options),
      relu,
      convolution(from, to, 1, 1, options),
      batchNorm(to, options),
      relu,
    ];
  });
  return [new Sequential(...stem, ...layers), inChannels];
};

/** Widens by 1 x 1, convolves depthwise, narrows by 1 x 1 without an activation. */
const invertedBlock = (from: number, to: number, stride: number, expansion: number, options: CreateOptions): Module => {
  const wide = from * expansion;
  const widen = expansion === 1 ? [] : [convolution(from, wide, 1, 1, options), batchNorm(wide, options), relu6];
  const body = new Sequential(
    ...widen,
    depthwise(wide, stride, options),
    batchNorm(wide, options),
    relu6,
    convolution(wide, to, 1, 1, options),
    batchNorm(to, options),
  );
  return stride === 1 && from === to ? new Residual(body) : body;
};

const featuresV2 = (channels: number, width: number, options: CreateOptions): [Sequential, number] => {
  let inChannels = rounded(32 * width);
  const stem = [convolution(channels, inChannels, 3, 2, options), batchNorm(inChannels, options), relu6];
  const blocks = inverted.flatMap(([expansion, out, count, first]) =>
    Array.from({ length: count }, (_, i) => {
      const from = inChannels;
      inChannels = rounded(out * width);
      return invertedBlock(from, inChannels, i === 0 ? first : 1, expansion, options);
    }),
  );
  const last = rounded(1280 * Math.max(1, width));
  const head = [convolution(inChannels, last, 1, 1, options), batchNorm(last, options), relu6];
  return [new Sequential(...stem, ...blocks, ...head), last];
};

/** A MobileNet: `features`, the mean over the image, dropout, `classifier`. */
export class MobileNet extends Module {
  static override readonly name: string = "MobileNet";
  readonly features: Sequential;
  readonly pool = new GlobalAveragePool();
  readonly dropout: Module;
  readonly classifier: Linear;

  constructor(version: 1 | 2, options: MobilenetOptions = {}) {
    super();
    const { channels = 3, classes = 1000, width = 1, dropout = version === 1 ? 0 : 0.2 } = options;
    const [features, last] = (version === 1 ? featuresV1 : featuresV2)(channels, width, options);
    this.features = features;
    this.dropout = new Dropout(dropout);
    this.classifier = new Linear(last, classes, creation(options));
  }

  forward(x: Tensor): Tensor {
    return this.classifier.call(this.dropout.call(this.pool.call(this.features.call(x))));
  }
}

/**
 * MobileNet version 1 (Howard et al., 2017) or 2 (Sandler et al., "Inverted residuals and linear bottlenecks", 2018; parameter for
 * parameter torchvision's).
 *
 * @example mobilenet(2, { classes: 10, width: 0.5 })
 */
export const mobilenet = (version: 1 | 2, options: MobilenetOptions = {}): MobileNet => new MobileNet(version, options);
