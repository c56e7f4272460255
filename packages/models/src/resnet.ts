import { GlobalAveragePool, Linear, MaxPool2d, Module, Sequential } from "@gradloom/layers";
import type { CreateOptions, Tensor } from "@gradloom/tensor";
import { relu } from "@gradloom/tensor";
import type { ModelOptions } from "./options.ts";
import { batchNorm, convolution, creation } from "./options.ts";

export type ResnetDepth = 18 | 20 | 32 | 34 | 44 | 50 | 56;

/** Convolution and normalisation: what residual networks are made of. */
const unit = (from: number, to: number, size: number, stride: number, options: CreateOptions): Sequential =>
  new Sequential(convolution(from, to, size, stride, options), batchNorm(to, options));

/** Two 3 x 3 convolutions, or a 3 x 3 between two 1 x 1 (a bottleneck), around a shortcut. */
export class ResidualBlock extends Module {
  static override readonly name: string = "ResidualBlock";
  readonly body: Sequential;
  /** A projection where the shape changes. */
  readonly shortcut: Sequential | undefined;

  constructor(inChannels: number, width: number, stride: number, expansion: 1 | 4, options: CreateOptions) {
    super();
    const outChannels = width * expansion;
    this.body =
      expansion === 1
        ? new Sequential(unit(inChannels, width, 3, stride, options), relu, unit(width, width, 3, 1, options))
        : new Sequential(
            unit(inChannels, width, 1, 1, options),
            relu,
            unit(width, width, 3, stride, options),
            relu,
            unit(width, outChannels, 1, 1, options),
          );
    this.shortcut =
      stride === 1 && inChannels === outChannels ? undefined : unit(inChannels, outChannels, 1, stride, options);
  }

  forward(x: Tensor): Tensor {
    return relu(this.body.call(x).add(this.shortcut?.call(x) ?? x));
  }
}

interface Plan {
  readonly stem: "small" | "large";
  /** Blocks of each stage. */
  readonly blocks: readonly number[];
  /** Channels of the first stage; each further one has twice as many. */
  readonly width: number;
  readonly expansion: 1 | 4;
  readonly classes: number;
}

const small = (n: number): Plan => ({ stem: "small", blocks: [n, n, n], width: 16, expansion: 1, classes: 10 });
const large = (blocks: readonly number[], expansion: 1 | 4): Plan => ({
  stem: "large",
  blocks,
  width: 64,
  expansion,
  classes: 1000,
});

/** Tables 1 and 6 of the paper. */
const plans: Readonly<Record<ResnetDepth, Plan>> = {
  18: large([2, 2, 2, 2], 1),
  20: small(3),
  32: small(5),
  34: large([3, 4, 6, 3], 1),
  44: small(7),
  50: large([3, 4, 6, 3], 4),
  56: small(9),
};

/** A residual network: `stem`, `stages`, the mean over the image, `classifier`. */
export class ResNet extends Module {
  static override readonly name: string = "ResNet";
  readonly stem: Sequential;
  readonly stages: Sequential;
  readonly pool = new GlobalAveragePool();
  readonly classifier: Linear;

  constructor(depth: ResnetDepth, options: ModelOptions = {}) {
    super();
    const { stem, blocks, width, expansion, classes } = plans[depth];
    const { channels = 3 } = options;
    this.stem =
      stem === "small"
        ? new Sequential(unit(channels, width, 3, 1, options), relu)
        : new Sequential(unit(channels, width, 7, 2, options), relu, new MaxPool2d(3, { stride: 2, padding: 1 }));
    let inChannels = width;
    const stages = blocks.map((count, stage) => {
      const members = Array.from({ length: count }, (_, i) => {
        const from = inChannels;
        inChannels = width * 2 ** stage * expansion;
        return new ResidualBlock(from, width * 2 ** stage, stage > 0 && i === 0 ? 2 : 1, expansion, options);
      });
      return new Sequential(...members);
    });
    this.stages = new Sequential(...stages);
    this.classifier = new Linear(inChannels, options.classes ?? classes, creation(options));
  }

  forward(x: Tensor): Tensor {
    return this.classifier.call(this.pool.call(this.stages.call(this.stem.call(x))));
  }
}

/**
 * ResNet (He et al., "Deep residual learning for image recognition", 2016). Depths 20, 32, 44 and 56 are the paper's for 32 x 32 images
 * and 10 classes, with projections where the shape changes; 18, 34 and 50 are torchvision's, for large images and 1000 classes.
 *
 * @example resnet(20, { classes: 10 })
 */
export const resnet = (depth: ResnetDepth, options: ModelOptions = {}): ResNet => new ResNet(depth, options);
