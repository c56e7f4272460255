import type { LabeledImages } from "@gradloom/datasets";
import { DataLoader } from "@gradloom/datasets";
import { crossEntropy } from "@gradloom/layers";
import { mlp } from "@gradloom/models";
import { AdamW, clipByGlobalNorm } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { compile, seed } from "@gradloom/tensor";

/** Trains a network with a loop of one's own instead of `fit`; returns its accuracy on the test images. */
export const train = async (images: LabeledImages, test: LabeledImages, epochs: number): Promise<number> => {
  seed(1);
  const model = mlp(784, images.classes.length, { hidden: [128] });
  const optimizer = new AdamW(model.parameters(), {
    learningRate: 0.002,
    transforms: [(gradients, next) => next(clipByGlobalNorm(gradients, 1))],
  });
  // Traced once, then replayed: forward, backward, clipping and update are one submission.
  const step = compile((x: Tensor, labels: Tensor) => {
    const loss = crossEntropy(model.call(x), labels);
    optimizer.minimize(loss);
    return loss;
  });
  const loader = new DataLoader(images, { batchSize: 64, shuffle: true, seed: 1 });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let loss: Tensor | undefined;
    for await (const [x, labels] of loader) {
      loss?.dispose();
      loss = step(x, labels);
    }
    // Reading waits for the device: once per epoch is enough.
    process.stderr.write(`epoch ${epoch}: loss of the last batch ${(await loss?.item())?.toFixed(4)}\n`);
  }
  model.eval();
  const hits = compile((x: Tensor, labels: Tensor) => model.call(x).argmax(1).equal(labels).cast("int32").sum());
  let right = 0;
  for await (const [x, labels] of new DataLoader(test, { batchSize: 500 })) right += await hits(x, labels).item();
  return right / test.length;
};
