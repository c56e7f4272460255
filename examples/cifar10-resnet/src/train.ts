import type { LabeledImages } from "@gradloom/datasets";
import { DataLoader, random } from "@gradloom/datasets";
import { crossEntropy } from "@gradloom/layers";
import type { ResnetDepth } from "@gradloom/models";
import { resnet } from "@gradloom/models";
import { oneCycle, SGD } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { bernoulli, pad, seed, where } from "@gradloom/tensor";
import { evaluate, fit, progressBar, schedule } from "@gradloom/training";

const accuracy = (logits: Tensor, labels: Tensor): Tensor => logits.argmax(1).equal(labels).cast("float32").mean();

/** Mirrors each image or not, and shifts all of a batch alike by up to 4 pixels, with zeros behind. */
const augmented = (images: Tensor, [dy = 0, dx = 0]: readonly number[]): Tensor => {
  const [n = 0, height = 0, width = 0] = images.shape;
  const mirrored = where(bernoulli([n, 1, 1, 1], 0.5), images.flip(2), images);
  return pad(mirrored, 4, { axes: [1, 2] }).slice(`:, ${dy}:${dy + height}, ${dx}:${dx + width}`);
};

export interface Settings {
  readonly depth: ResnetDepth;
  readonly epochs: number;
  readonly batchSize: number;
}

/** Trains a residual network on small colour images (He et al., 2016); returns its accuracy on the test images. */
export const train = async (images: LabeledImages, test: LabeledImages, settings: Settings): Promise<number> => {
  seed(1);
  const { depth, epochs, batchSize } = settings;
  const model = resnet(depth, { classes: images.classes.length });
  const loader = new DataLoader(images, { batchSize, shuffle: true, seed: 1, dropLast: true });
  const shift = (): number => Math.floor(9 * source.uniform());
  const source = random(1);
  const batches = {
    length: loader.length,
    async *[Symbol.asyncIterator]() {
      for await (const [inputs, targets] of loader) {
        yield { inputs: augmented(inputs, [shift(), shift()]), targets };
      }
    },
  };
  await fit(model, batches, {
    loss: crossEntropy,
    optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    epochs,
    metrics: { accuracy },
    callbacks: [progressBar(), schedule(oneCycle({ rate: 0.1, steps: epochs * loader.length }))],
  });
  const tested = await evaluate(model, new DataLoader(test, { batchSize: 250 }), { metrics: { accuracy } });
  return tested.accuracy as number;
};
