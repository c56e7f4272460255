import { BatchNorm, crossEntropy, Linear, Sequential } from "@gradloom/layers";
import { Adam } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { compile, normal, randomKey, relu, seed, statistics, tensor, useDevice } from "@gradloom/tensor";
import { Dropout, GaussianNoise, l2Penalty } from "../src/index.ts";

beforeEach(async () => {
  await useDevice("cpu");
});

/** Twenty steps of a network with dropout before and behind batch normalisation; the values of its parameters and the last loss. */
const train = async (compiled: boolean, reading: boolean): Promise<number[]> => {
  seed(5);
  const model = new Sequential(
    new GaussianNoise(0.1),
    new Linear(6, 16),
    new Dropout(0.3),
    new BatchNorm(16),
    relu,
    new Dropout(0.5),
    new Linear(16, 3),
  );
  const x = normal([12, 6], { key: randomKey(1) });
  const labels = tensor(
    Array.from({ length: 12 }, (_, i) => i % 3),
    { dtype: "int32" },
  );
  const optimizer = new Adam(model.parameters(), { learningRate: 0.05 });
  const plain = (inputs: Tensor, targets: Tensor): Tensor => {
    const loss = crossEntropy(model.call(inputs), targets).add(l2Penalty(model, 1e-3));
    optimizer.minimize(loss);
    return loss;
  };
  const step = compiled ? compile(plain) : plain;
  let loss = step(x, labels);
  for (let i = 1; i < 20; i++) {
    if (reading) await loss.item();
    if (i === 6) plans = statistics().plans;
    loss = step(x, labels);
  }
  const state = Object.values(model.stateDict());
  const values = await Promise.all([loss, ...state].map((value) => value.data()));
  return values.flatMap((value) => [...value].map(Number));
};

let plans = 0;

test("training with dropout gives the same bits compiled or not, read or not, and plans nothing after a few steps", async () => {
  const expected = await train(true, true);
  expect(expected.every(Number.isFinite)).toBe(true);
  expect(await train(true, false)).toEqual(expected);
  expect(await train(false, true)).toEqual(expected);
  expect(await train(false, false)).toEqual(expected);
  expect(statistics().plans - plans).toBeLessThanOrEqual(1);
});
