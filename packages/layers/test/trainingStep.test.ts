import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { AnyModule } from "@gradloom/layers";
import {
  BatchNorm,
  Conv2d,
  crossEntropy,
  GlobalAveragePool,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  spectralNorm,
} from "@gradloom/layers";
import type { Device, Tensor } from "@gradloom/tensor";
import { assign, compile, dropoutMask, relu, seed, statistics, tensor, useDevice } from "@gradloom/tensor";
import { numbers } from "./support/values.ts";

let device: Device;
beforeEach(async () => {
  device = await useDevice(createReferenceBackend());
  seed(3);
});

const network = (): Sequential =>
  new Sequential(
    new Conv2d(1, 3, 3, { padding: "same", bias: false }),
    new BatchNorm(3),
    new ReLU(),
    new MaxPool2d(2),
    (x) => x.mul(dropoutMask(x.shape, 0.25)),
    spectralNorm(new Conv2d(3, 4, 3)),
    new BatchNorm(4),
    relu,
    new GlobalAveragePool(),
    new Linear(4, 3),
  );

const batch = (): [Tensor, Tensor] => [
  tensor(numbers([4, 8, 8, 1]), { shape: [4, 8, 8, 1] }),
  tensor([0, 1, 2, 1], { dtype: "int32" }),
];

/** One step of gradient descent; with `twice` the network sees two batches in it. */
const descend = (net: AnyModule, x: Tensor, labels: Tensor, twice = false): Tensor => {
  let loss = crossEntropy(net.call(x), labels);
  if (twice) loss = loss.add(crossEntropy(net.call(x.neg()), labels));
  const parameters = net.parameters();
  const slopes = gradients(loss, parameters);
  assign(
    parameters.map((p, i) => [p, p.value.sub((slopes[i] as Tensor).mul(0.1))] as const),
    { keep: [loss] },
  );
  return loss;
};

const readState = async (net: AnyModule): Promise<unknown[]> => {
  const result: unknown[] = [];
  for (const [name, value] of Object.entries(net.stateDict())) result.push(name, await value.data());
  return result;
};

describe.each([false, true])("a step of a convolutional network with batch normalisation, twice: %s", (twice) => {
  test("is one evaluation, whether its loss is read or not", async () => {
    const net = network();
    const evaluations = async (steps: number, read: boolean): Promise<number> => {
      const before = statistics(device).evaluations;
      let loss: Tensor | undefined;
      for (let i = 0; i < steps; i++) {
        loss = descend(net, ...batch(), twice);
        if (read) await loss.item();
      }
      await loss?.item();
      return statistics(device).evaluations - before;
    };
    // The first step's first values are one more.
    await evaluations(1, true);
    expect(await evaluations(1, true)).toBe(1);
    expect(await evaluations(3, true)).toBe(3);
    expect(await evaluations(3, false)).toBe(3);
    expect(statistics(device).plans).toBeLessThanOrEqual(5);
  });

  test("learns the same read, unread and compiled, bit for bit", async () => {
    const run = async (how: "read" | "unread" | "compiled"): Promise<unknown[]> => {
      seed(11);
      const net = network();
      const step = (x: Tensor, labels: Tensor): Tensor => descend(net, x, labels, twice);
      const call = how === "compiled" ? compile(step) : step;
      const losses: Tensor[] = [];
      for (let i = 0; i < 3; i++) {
        losses.push(call(...batch()));
        if (how === "read") await losses[i]?.item();
      }
      const values = await Promise.all(losses.map((loss) => loss.item()));
      expect(values[2]).toBeLessThan(values[0] as number);
      return [...values, ...(await readState(net))];
    };
    const read = await run("read");
    expect(await run("unread")).toEqual(read);
    expect(await run("compiled")).toEqual(read);
  });
});

test("running statistics of two batches in one step are those of two steps", async () => {
  const x = tensor(numbers([6, 2]), { shape: [6, 2] });
  const y = tensor(numbers([6, 2], 2), { shape: [6, 2] });
  const [one, other] = [new BatchNorm(2), new BatchNorm(2)];
  one.call(x);
  one.call(y);
  await other.call(x).data();
  await other.call(y).data();
  expect(await readState(one)).toEqual(await readState(other));
});

test("a forward pass may be read before the step is finished", async () => {
  const net = network();
  const [x, labels] = batch();
  const loss = crossEntropy(net.call(x), labels);
  const value = await loss.item();
  const parameters = net.parameters();
  const slopes = gradients(loss, parameters);
  assign(parameters.map((p, i) => [p, p.value.sub(slopes[i] as Tensor)] as const));
  expect(Number.isFinite(value)).toBe(true);
  expect((await readState(net)).length).toBe(2 * Object.keys(net.stateDict()).length);
});
