import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gradients } from "@gradloom/autograd";
import { DataLoader, split, stratifiedSampler, syntheticDigits } from "@gradloom/datasets";
import { Conv2d, crossEntropy, Flatten, Linear, MaxPool2d, Sequential } from "@gradloom/layers";
import { Accuracy, ConfusionMatrix } from "@gradloom/metrics";
import { AdamW, clipByGlobalNorm, oneCycle } from "@gradloom/optimizers";
import { Dropout, l2Penalty } from "@gradloom/regularization";
import { loadSafetensors, saveSafetensors } from "@gradloom/serialization";
import type { Tensor } from "@gradloom/tensor";
import { relu, seed, useDevice } from "@gradloom/tensor";
import { checkpoint, earlyStopping, evaluate, fit, predict, schedule } from "@gradloom/training";

const folder = mkdtempSync(join(tmpdir(), "end-to-end-"));

beforeAll(async () => {
  await useDevice("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

const network = (): Sequential =>
  new Sequential(
    new Conv2d(1, 8, 5, { stride: 2 }),
    relu,
    new MaxPool2d(2),
    new Flatten(),
    new Linear(8 * 6 * 6, 32),
    relu,
    new Dropout(0.1),
    new Linear(32, 10),
  );

test("data, model, loss, optimizer, training, metrics and files work together", async () => {
  seed(1);
  const digits = syntheticDigits({ count: 1200, seed: 1 });
  const [training, held] = split(digits, [1000, 200], { seed: 1 });
  const labels = await Promise.all(Array.from({ length: 1000 }, async (_, i) => (await training.get(i))[1]));
  const loader = new DataLoader(training, { batchSize: 50, sampler: stratifiedSampler(labels), upload: true });
  const test = new DataLoader(held, { batchSize: 100 });
  const model = network();
  const file = join(folder, "model.safetensors");
  const epochs = 6;
  const history = await fit(model, loader, {
    loss: (outputs: Tensor, targets: Tensor) =>
      crossEntropy(outputs, targets).add(l2Penalty((model.layers[0] as Conv2d).weight, 1e-4)),
    optimizer: new AdamW(model.parameters(), {
      transforms: [(slopes, next) => next(clipByGlobalNorm(slopes, 5))],
    }),
    epochs,
    metrics: { accuracy: new Accuracy() },
    validation: test,
    callbacks: [
      schedule(oneCycle({ rate: 0.005, steps: epochs * loader.length })),
      earlyStopping({ monitor: "validation.accuracy" }),
      checkpoint(() => saveSafetensors(file, model.stateDict(), { by: "the test" })),
    ],
  });
  const [first, last] = [history.epochs[0], history.epochs.at(-1)];
  expect(last?.training.loss).toBeLessThan(0.5 * (first?.training.loss as number));
  expect(last?.validation?.accuracy).toBeGreaterThan(0.75);
  expect(readdirSync(folder)).toEqual(["model.safetensors"]);

  await saveSafetensors(file, model.stateDict());
  const metrics = { accuracy: new Accuracy(), confusion: new ConfusionMatrix({ classes: 10 }) };
  const { accuracy, confusion } = await evaluate(model, test, { metrics });
  const right = (confusion as number[][]).reduce((sum, row, i) => sum + (row[i] as number), 0);
  expect(right / 200).toBeCloseTo(accuracy as number, 6);

  const other = network();
  other.loadStateDict((await loadSafetensors(file)).tensors);
  expect(await (await predict(other, test)).array()).toEqual(await (await predict(model, test)).array());

  const [images, targets] = (await test[Symbol.asyncIterator]().next()).value as [Tensor, Tensor];
  const [slope] = gradients(crossEntropy(model.eval().call(images), targets), [images]);
  expect(slope?.shape).toEqual([100, 28, 28, 1]);
}, 120_000);
