import type { Layer } from "@gradloom/layers";
import { AdaptiveAveragePool2d, Conv2d, Flatten, Linear, MaxPool2d, Module, Sequential } from "@gradloom/layers";
import { Dropout } from "@gradloom/regularization";
import type { Tensor } from "@gradloom/tensor";
import { normal, relu } from "@gradloom/tensor";
import type { ModelOptions } from "./options.ts";
import { batchNorm, creation, fanOut } from "./options.ts";

export type VggDepth = 11 | 13 | 16 | 19;

export interface VggOptions extends ModelOptions {
  /** Whether batch normalisation follows each convolution: false by default. */
  readonly batchNorm?: boolean;
  /** Rate of dropout in the classifier: 0.5 by default. */
  readonly dropout?: number;
}

/** Convolutions of each stage (table 1 of the paper, columns A, B, D and E). */
const stages: Readonly<Record<VggDepth, readonly number[]>> = {
  11: [1, 1, 2, 2, 2],
  13: [2, 2, 2, 2, 2],
  16: [2, 2, 3, 3, 3],
  19: [2, 2, 4, 4, 4],
};

const widths = [64, 128, 256, 512, 512];

/** A VGG network: `features`, pooled to 7 x 7, then `classifier`. */
export class VGG extends Module {
  static override readonly name: string = "VGG";
  readonly features: Sequential;
  readonly pool = new AdaptiveAveragePool2d(7);
  readonly classifier: Sequential;

  constructor(depth: VggDepth, options: VggOptions = {}) {
    super();
    const { channels = 3, classes = 1000, dropout = 0.5 } = options;
    const how = creation(options);
    const layers: Layer[] = [];
    let inChannels = channels;
    stages[depth].forEach((count, stage) => {
      const width = widths[stage] as number;
      for (let i = 0; i < count; i++) {
        layers.push(new Conv2d(inChannels, width, 3, { ...how, padding: 1, weightInitializer: fanOut }));
        if (options.batchNorm ?? false) layers.push(batchNorm(width, options));
        layers.push(relu);
        inChannels = width;
      }
      layers.push(new MaxPool2d(2));
    });
    const linear = (from: number, to: number): Linear =>
      new Linear(from, to, { ...how, weightInitializer: (shape, rest) => normal(shape, { ...rest, std: 0.01 }) });
    this.features = new Sequential(...layers);
    this.classifier = new Sequential(
      new Flatten(),
      linear(512 * 7 * 7, 4096),
      relu,
      new Dropout(dropout),
      linear(4096, 4096),
      relu,
      new Dropout(dropout),
      linear(4096, classes),
    );
  }

  forward(x: Tensor): Tensor {
    return this.classifier.call(this.pool.call(this.features.call(x)));
  }
}

/**
 * VGG (Simonyan and Zisserman, "Very deep convolutional networks", 2014), parameter for parameter torchvision's. Images are
 * [batch, height, width, channels], from 32 x 32, best 224 x 224.
 *
 * @example vgg(16, { classes: 1000 })
 */
export const vgg = (depth: VggDepth, options: VggOptions = {}): VGG => new VGG(depth, options);
