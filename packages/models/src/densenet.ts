import type { Layer } from "@gradloom/layers";
import { AveragePool2d, GlobalAveragePool, Linear, MaxPool2d, Module, Sequential } from "@gradloom/layers";
import type { CreateOptions, Tensor } from "@gradloom/tensor";
import { ArgumentError, concat, relu } from "@gradloom/tensor";
import type { ModelOptions } from "./options.ts";
import { batchNorm, convolution, creation } from "./options.ts";

export interface DensenetOptions extends ModelOptions {
  /** Channels that each layer adds. */
  readonly growth?: number;
  /** Layers of each block. */
  readonly blocks?: readonly number[];
  /** "small": a 3 x 3 convolution; "large": 7 x 7 and pooling, a quarter of the size. */
  readonly stem?: "small" | "large";
}

/** Adds `growth` channels to its input: normalisation, relu and convolution, 1 x 1 and 3 x 3. */
export class DenseLayer extends Module {
  static override readonly name: string = "DenseLayer";
  readonly body: Sequential;

  constructor(inChannels: number, growth: number, options: CreateOptions) {
    super();
    this.body = new Sequential(
      batchNorm(inChannels, options),
      relu,
      convolution(inChannels, 4 * growth, 1, 1, options),
      batchNorm(4 * growth, options),
      relu,
      convolution(4 * growth, growth, 3, 1, options),
    );
  }

  forward(x: Tensor): Tensor {
    return concat([x, this.body.call(x)], -1);
  }
}

/** A DenseNet-BC: dense blocks, between them transitions that halve channels and image. */
export class DenseNet extends Module {
  static override readonly name: string = "DenseNet";
  readonly features: Sequential;
  readonly pool = new GlobalAveragePool();
  readonly classifier: Linear;

  constructor(options: DensenetOptions = {}) {
    super();
    const { channels: images = 3, classes = 10, growth = 12, blocks = [16, 16, 16], stem = "small" } = options;
    if (blocks.length === 0) throw new ArgumentError("DenseNet", "needs at least one block");
    let channels = 2 * growth;
    const layers: Layer[] =
      stem === "small"
        ? [convolution(images, channels, 3, 1, options)]
        : [
            convolution(images, channels, 7, 2, options),
            batchNorm(channels, options),
            relu,
            new MaxPool2d(3, { stride: 2, padding: 1 }),
          ];
    blocks.forEach((count, block) => {
      for (let i = 0; i < count; i++) {
        layers.push(new DenseLayer(channels, growth, options));
        channels += growth;
      }
      layers.push(batchNorm(channels, options), relu);
      if (block === blocks.length - 1) return;
      const half = Math.floor(channels / 2);
      layers.push(convolution(channels, half, 1, 1, options), new AveragePool2d(2));
      channels = half;
    });
    this.features = new Sequential(...layers);
    this.classifier = new Linear(channels, classes, creation(options));
  }

  forward(x: Tensor): Tensor {
    return this.classifier.call(this.pool.call(this.features.call(x)));
  }
}

/**
 * DenseNet-BC (Huang et al., "Densely connected convolutional networks", 2017). "small" is the paper's k = 12, depth 100, for 32 x 32
 * images and 10 classes; 121 is torchvision's, for large images and 1000 classes.
 *
 * @example densenet("small", { growth: 8, blocks: [4, 4, 4] })
 */
export const densenet = (kind: "small" | 121, options: DensenetOptions = {}): DenseNet =>
  new DenseNet(
    kind === "small" ? options : { growth: 32, blocks: [6, 12, 24, 16], stem: "large", classes: 1000, ...options },
  );
