import { gradients } from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { Linear, Sequential } from "@gradloom/layers";
import { SGD } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { compile, ones, tensor, useDevice, Variable } from "@gradloom/tensor";
import {
  ActivityPenalty,
  activityPenalty,
  constrain,
  constrained,
  elasticNetPenalty,
  l1Penalty,
  l2Penalty,
  maxNorm,
  minMaxNorm,
  nonNegative,
  unitNorm,
} from "../src/index.ts";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())].map(Number);

const close = async (x: Tensor, expected: readonly number[]): Promise<void> => {
  const values = await numbers(x);
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 5);
  });
};

describe("penalties", () => {
  test("of tensors, variables, lists and modules", async () => {
    const [x, w] = [tensor([1, -2]), new Variable(tensor([[3], [-1]]))];
    await close(l1Penalty(x, 0.5), [1.5]);
    await close(l2Penalty(w, 0.1), [1]);
    await close(l2Penalty([x, w], 0.1), [1.5]);
    await close(elasticNetPenalty([x, w], { l1: 1, l2: 0.1 }), [8.5]);
    const model = new Sequential(new Linear(2, 3), new Linear(3, 1));
    for (const p of model.parameters()) p.assign(ones(p.shape).mul(2));
    await close(l1Penalty(model, 1), [2 * (6 + 3 + 3 + 1)]);
    await close(l1Penalty(model, 1, { only: (name) => name.endsWith("weight") }), [2 * (6 + 3)]);
  });

  test("have the gradients that optimizers call weight decay", async () => {
    const w = new Variable(tensor([3, -1, 0]));
    const [l1, l2] = [l1Penalty(w, 0.5), l2Penalty(w, 0.5)].map((loss) => gradients(loss, [w])[0] as Tensor);
    await close(l1 as Tensor, [0.5, -0.5, 0]);
    await close(l2 as Tensor, [3, -1, 0]);
  });

  test("are refused without parameters or with a negative strength", () => {
    expect(() => l1Penalty([])).toThrow("[l1Penalty] has nothing to penalize, got no parameters");
    expect(() => l1Penalty(ones([1]), -1)).toThrow("[l1Penalty] a strength is a number >= 0, got -1");
    expect(() => l2Penalty(ones([1]), -1)).toThrow("[l2Penalty] a strength is a number >= 0, got -1");
    expect(() => elasticNetPenalty(ones([1]), { l2: -1 })).toThrow(
      "[elasticNetPenalty] a strength is a number >= 0, got -1",
    );
  });
});

describe("activity penalties", () => {
  test("collect what layers gave out in training, by batch", async () => {
    const model = new Sequential(
      new ActivityPenalty((x) => l1Penalty(x, 1)),
      new ActivityPenalty((x) => l2Penalty(x, 1)),
    );
    const x = tensor([
      [1, -2],
      [3, 0],
    ]);
    expect(await numbers(model.call(x))).toEqual(await numbers(x));
    await close(activityPenalty(model), [(6 + 14) / 2]);
    expect(() => activityPenalty(model)).toThrow(
      "[activityPenalty] the model has 2 ActivityPenalty layers, and none was called in training; call the model first",
    );
    model.eval();
    model.call(x);
    expect(() => activityPenalty(model)).toThrow("none was called in training");
  });

  test("work in compiled steps", async () => {
    const layer = new ActivityPenalty((x) => l2Penalty(x, 1));
    const w = new Variable(tensor([2]));
    const optimizer = new SGD([w], { learningRate: 0.1 });
    const step = compile((x: Tensor) => {
      const loss = layer.call(w.value.mul(x)).sum().add(activityPenalty(layer));
      optimizer.minimize(loss);
      return loss;
    });
    await close(step(tensor([1])), [2 + 4]);
    await close(step(tensor([1])), [1.5 + 1.5 ** 2]);
  });
});

describe("constraints", () => {
  const w = () =>
    tensor([
      [3, 0.3],
      [-4, 0.4],
    ]);

  test("shorten, set and floor the weights of each output", async () => {
    await close(maxNorm(w(), 1), [0.6, 0.3, -0.8, 0.4]);
    await close(maxNorm(w(), 1, 1), [
      3 / Math.hypot(3, 0.3),
      0.3 / Math.hypot(3, 0.3),
      -4 / Math.hypot(4, 0.4),
      0.4 / Math.hypot(4, 0.4),
    ]);
    await close(unitNorm(w()), [0.6, 0.6, -0.8, 0.8]);
    await close(nonNegative(w()), [3, 0.3, 0, 0.4]);
    await close(minMaxNorm(w(), 1, 2), [1.2, 0.6, -1.6, 0.8]);
    await close(minMaxNorm(w(), 1, 2, 0.5), [2.1, 0.45, -2.8, 0.6]);
    await close(maxNorm(tensor([3, 4]), 1), [0.6, 0.8]);
    await close(maxNorm(tensor([[0], [0]]), 1), [0, 0]);
  });

  test("hold after an optimizer's step, in the same evaluation or in the next", async () => {
    const run = async (within: boolean, compiled: boolean): Promise<number[]> => {
      const [a, b] = [new Variable(tensor([1, 1])), new Variable(tensor([1, 1]))];
      const transforms = within ? [constrained([a], nonNegative)] : [];
      const optimizer = new SGD([a, b], { learningRate: 1, transforms });
      const plain = (): void => {
        optimizer.apply([tensor([0.7, -0.7]), tensor([0.7, -0.7])]);
        if (!within) constrain([a], nonNegative);
      };
      const step = compiled ? compile(plain) : plain;
      step();
      step();
      return [...(await numbers(a.value)), ...(await numbers(b.value))];
    };
    for (const compiled of [false, true]) {
      for (const within of [false, true]) {
        const found = await run(within, compiled);
        expect(found.map((x) => Math.round(x * 10) / 10)).toEqual([0, 2.4, -0.4, 2.4]);
      }
    }
  });

  test("are refused out of range", () => {
    expect(() => maxNorm(w(), -1)).toThrow("[maxNorm] the limit is a number >= 0, got -1");
    expect(() => minMaxNorm(w(), 2, 1)).toThrow("[minMaxNorm] needs 0 <= low <= high, got 2 and 1");
    expect(() => minMaxNorm(w(), 0, 1, 0)).toThrow("[minMaxNorm] the rate lies in (0, 1], got 0");
  });
});
