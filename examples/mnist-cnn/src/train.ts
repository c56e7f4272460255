import type { LabeledImages } from "@gradloom/datasets";
import { DataLoader } from "@gradloom/datasets";
import { BatchNorm, Conv2d, crossEntropy, Flatten, Linear, MaxPool2d, Sequential } from "@gradloom/layers";
import { Adam, oneCycle } from "@gradloom/optimizers";
import { Dropout } from "@gradloom/regularization";
import type { Tensor } from "@gradloom/tensor";
import { relu, seed } from "@gradloom/tensor";
import { evaluate, fit, progressBar, schedule } from "@gradloom/training";

const accuracy = (logits: Tensor, labels: Tensor): Tensor => logits.argmax(1).equal(labels).cast("float32").mean();

/** Trains a small convolutional network on images of digits; returns its accuracy on the test images. */
export const train = async (digits: LabeledImages, test: LabeledImages, epochs: number): Promise<number> => {
  seed(1);
  const model = new Sequential(
    new Conv2d(1, 16, 3, { padding: 1, bias: false }),
    new BatchNorm(16),
    relu,
    new MaxPool2d(2),
    new Conv2d(16, 32, 3, { padding: 1, bias: false }),
    new BatchNorm(32),
    relu,
    new MaxPool2d(2),
    new Flatten(),
    new Linear(7 * 7 * 32, 128),
    relu,
    new Dropout(0.25),
    new Linear(128, 10),
  );
  const loader = new DataLoader(digits, { batchSize: 64, shuffle: true, seed: 1 });
  await fit(model, loader, {
    loss: crossEntropy,
    optimizer: new Adam(model.parameters()),
    epochs,
    metrics: { accuracy },
    callbacks: [progressBar(), schedule(oneCycle({ rate: 0.003, steps: epochs * loader.length }))],
  });
  const tested = await evaluate(model, new DataLoader(test, { batchSize: 500 }), { metrics: { accuracy } });
  return tested.accuracy as number;
};
