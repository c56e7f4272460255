import { gradients } from "@gradloom/autograd";
import type { Dataset, HostTensor } from "@gradloom/datasets";
import { DataLoader } from "@gradloom/datasets";
import type { Tensor } from "@gradloom/tensor";
import {
  assign,
  compile,
  logSoftmax,
  matmul,
  normal,
  oneHot,
  randomKey,
  relu,
  Variable,
  zeros,
} from "@gradloom/tensor";

/** Images of 28x28 pixels from 0 to 1, with their labels. */
export type Digits = Dataset<[HostTensor, number]>;

export interface Settings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hidden: number;
  readonly seed: number;
  readonly onStep?: (step: number, steps: number, loss: number) => void;
  readonly onEpoch?: (epoch: number, accuracy: number) => void;
}

const pixels = 28 * 28;

/** Trains a network of one hidden layer by plain gradient descent; returns its accuracy on the test images. */
export const trainDigits = async (train: Digits, test: Digits, settings: Settings): Promise<number> => {
  const { hidden, learningRate, batchSize } = settings;
  const weights = (rows: number, columns: number, salt: number): Variable =>
    new Variable(normal([rows, columns], { key: randomKey(settings.seed + salt) }).mul(Math.sqrt(2 / rows)));
  const w1 = weights(pixels, hidden, 1);
  const b1 = new Variable(zeros([hidden]));
  const w2 = weights(hidden, 10, 2);
  const b2 = new Variable(zeros([10]));
  const parameters = [w1, b1, w2, b2];

  const logits = (x: Tensor): Tensor =>
    matmul(relu(matmul(x.flatten(1), w1.value).add(b1.value)), w2.value).add(b2.value);
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = oneHot(y, 10)
      .mul(logSoftmax(logits(x)))
      .sum(1)
      .mean()
      .neg();
    const updates = gradients(loss, parameters).map((g, i): [Variable, Tensor] => {
      const p = parameters[i] as Variable;
      return [p, p.value.sub(g.mul(learningRate))];
    });
    assign(updates);
    return loss;
  });
  const correct = compile((x: Tensor, y: Tensor) => logits(x).argmax(1).equal(y).sum());

  const batches = new DataLoader(train, { batchSize, shuffle: true, seed: settings.seed });
  const testBatches = new DataLoader(test, { batchSize: 1000 });
  const steps = settings.epochs * batches.length;
  let done = 0;
  let accuracy = 0;
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    for await (const [x, y] of batches) {
      const loss = await step(x, y).item();
      settings.onStep?.(++done, steps, loss);
    }
    let hits = 0;
    for await (const [x, y] of testBatches) hits += await correct(x, y).item();
    accuracy = hits / test.length;
    settings.onEpoch?.(epoch + 1, accuracy);
  }
  return accuracy;
};
