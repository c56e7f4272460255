import type { LabeledImages } from "@gradloom/datasets";
import { DataLoader } from "@gradloom/datasets";
import { crossEntropy } from "@gradloom/layers";
import type { ResnetDepth } from "@gradloom/models";
import { resnet } from "@gradloom/models";
import { oneCycle, SGD } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { seed } from "@gradloom/tensor";
import { fit, progressBar, schedule } from "@gradloom/training";
import { augment } from "./augment.ts";

const accuracy = (logits: Tensor, labels: Tensor): Tensor => logits.argmax(1).equal(labels).cast("float32").mean();

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
  const augmented = {
    length: loader.length,
    async *[Symbol.asyncIterator]() {
      for await (const [inputs, targets] of loader) {
        const changed = augment(inputs);
        yield { inputs: changed, targets };
        changed.dispose();
      }
    },
  };
  const { epochs: records } = await fit(model, augmented, {
    loss: crossEntropy,
    optimizer: new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
    epochs,
    metrics: { accuracy },
    validation: new DataLoader(test, { batchSize: 250 }),
    callbacks: [progressBar(), schedule(oneCycle({ rate: 0.1, steps: epochs * loader.length }))],
  });
  return records.at(-1)?.validation?.accuracy as number;
};
