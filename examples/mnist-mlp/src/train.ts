import { gradients } from "@gradloom/autograd";
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
  tensor,
  Variable,
  zeros,
} from "@gradloom/tensor";
import type { Digits } from "./idx.ts";

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

/** `count` examples from `start` on, in the order given: pixels from 0 to 1, and labels. */
const batchOf = ({ images, labels }: Digits, order: Uint32Array, start: number, count: number): [Tensor, Tensor] => {
  const x = new Float32Array(count * pixels);
  const y = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const at = order[start + i] as number;
    for (let p = 0; p < pixels; p++) x[i * pixels + p] = (images.data[at * pixels + p] as number) / 255;
    y[i] = labels.data[at] as number;
  }
  return [tensor(x, { shape: [count, pixels] }), tensor(y)];
};

/** A repeatable shuffle (Fisher-Yates over a linear congruential generator). */
const shuffled = (n: number, seed: number): Uint32Array => {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let state = seed >>> 0;
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
};

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

  const logits = (x: Tensor): Tensor => matmul(relu(matmul(x, w1.value).add(b1.value)), w2.value).add(b2.value);
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

  const n = train.labels.data.length;
  const steps = Math.ceil(n / batchSize);
  let accuracy = 0;
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const order = shuffled(n, settings.seed + epoch);
    for (let i = 0; i < steps; i++) {
      const [x, y] = batchOf(train, order, i * batchSize, Math.min(batchSize, n - i * batchSize));
      const loss = await step(x, y).item();
      settings.onStep?.(epoch * steps + i + 1, settings.epochs * steps, loss);
    }
    let hits = 0;
    const total = test.labels.data.length;
    const inOrder = Uint32Array.from({ length: total }, (_, i) => i);
    for (let start = 0; start < total; start += 1000) {
      hits += await correct(...batchOf(test, inOrder, start, Math.min(1000, total - start))).item();
    }
    accuracy = hits / total;
    settings.onEpoch?.(epoch + 1, accuracy);
  }
  return accuracy;
};
