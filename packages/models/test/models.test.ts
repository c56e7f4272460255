import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Module } from "@gradloom/layers";
import { crossEntropy } from "@gradloom/layers";
import { SGD } from "@gradloom/optimizers";
import { currentDevice, Device, memory, seed, statistics, tensor, uniform, useDevice } from "@gradloom/tensor";
import {
  convNet,
  countParameters,
  createModel,
  densenet,
  lenet,
  mlp,
  mobilenet,
  modelNames,
  resnet,
  vgg,
} from "../src/index.ts";

beforeEach(async () => {
  await useDevice(new Device(createReferenceBackend()));
});

/** Counts from the papers and from torchvision; resnet20 to 56 from the layers' sizes (0.27, 0.46, 0.66, 0.85 million in the paper). */
const rows: readonly (readonly [string, () => Module, count: number])[] = [
  ["mlp", () => mlp(784, 10, { hidden: [128] }), 784 * 128 + 128 + 1280 + 10],
  ["lenet", () => lenet(), 61706],
  ["cnn", () => convNet(), 144 + 32 + 4608 + 64 + 1568 * 128 + 128 + 1280 + 10],
  ["vgg11", () => vgg(11), 132863336],
  ["vgg13", () => vgg(13), 133047848],
  ["vgg16", () => vgg(16), 138357544],
  ["vgg16 with batch normalisation", () => vgg(16, { batchNorm: true }), 138365992],
  ["vgg19", () => vgg(19), 143667240],
  ["resnet18", () => resnet(18), 11689512],
  ["resnet34", () => resnet(34), 21797672],
  ["resnet50", () => resnet(50), 25557032],
  ["resnet20", () => resnet(20), 272474],
  ["resnet32", () => resnet(32), 466906],
  ["resnet44", () => resnet(44), 661338],
  ["resnet56", () => resnet(56), 855770],
  ["densenet-small", () => densenet("small"), 769162],
  ["densenet121", () => densenet(121), 7978856],
  ["mobilenet-v1", () => mobilenet(1), 4231976],
  ["mobilenet-v2", () => mobilenet(2), 3504872],
];

test.each(rows)("%s has the parameters of its source, and counting computes nothing", (_, build, count) => {
  const model = build();
  expect(countParameters(model)).toBe(count);
  expect(memory().liveBytes).toBe(0);
  expect(statistics().evaluations).toBe(0);
});

test("every name builds a model of the task's shape", () => {
  for (const name of modelNames) {
    const size = /^(vgg|densenet121|mobilenet|resnet(18|34|50))/.test(name) ? 64 : 32;
    const summary = createModel(name, { inputShape: [size, size, 3], classes: 7 }).summary([2, size, size, 3]);
    expect(summary.rows[0]?.outputShape).toEqual([2, 7]);
  }
});

test("names the models it knows", () => {
  expect(() => createModel("resnet19")).toThrow(
    `[createModel] unknown model "resnet19"; use one of ${modelNames.join(", ")}`,
  );
  expect(() => createModel("toString")).toThrow("unknown model");
  expect(() => createModel("cnn", { inputShape: [784] })).toThrow("[createModel] cnn takes images");
});

test("an image that does not fit names the layer", () => {
  const x = tensor(new Float32Array(2 * 28 * 28), { shape: [2, 28, 28, 1] });
  expect(() => resnet(20).call(x)).toThrow(/^\[stem\.0\.0 Conv2d\]/);
  expect(() => lenet({ inputShape: [11, 28, 1] })).toThrow("takes images from 12 x 12, got 11 x 28");
});

/** Small variants of each kind: a few steps on one batch must lower its loss. */
const trainable: readonly (readonly [string, () => Module, size: number])[] = [
  ["mlp", () => mlp(64, 3, { hidden: [8] }), 8],
  ["cnn", () => convNet({ inputShape: [8, 8, 1], classes: 3, widths: [2, 4], hidden: 8, dropout: 0 }), 8],
  ["densenet", () => densenet("small", { channels: 1, classes: 3, growth: 2, blocks: [1, 1] }), 8],
  ["resnet", () => resnet(20, { channels: 1, classes: 3 }), 4],
];

test.each(trainable)("a small %s learns a batch", async (_, build, size) => {
  seed(1);
  const model = build();
  const x = uniform([6, size, size, 1]);
  const y = tensor([0, 1, 2, 0, 1, 2], { dtype: "int32" });
  await x.evaluate();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
  const losses: number[] = [];
  for (let step = 0; step < 4; step++) {
    const loss = crossEntropy(model.call(x), y);
    optimizer.minimize(loss);
    losses.push(await loss.item());
  }
  expect(losses.at(-1)).toBeLessThan(losses[0] as number);
  expect(currentDevice().name).toBe("reference");
});
