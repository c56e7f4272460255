import { readFileSync } from "node:fs";
import type { Tensor } from "@gradloom/tensor";
import { compile, tensor, Variable } from "@gradloom/tensor";
import type { Transform } from "../src/index.ts";
import {
  Adam,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  exponentialAverage,
  GradientAccumulation,
  globalNorm,
  Lookahead,
  SGD,
  stochasticAverage,
} from "../src/index.ts";
import { distance, numbersIn, open, problem } from "./support/problem.ts";

const stored = JSON.parse(readFileSync(`${__dirname}/fixtures/pytorch.json`, "utf8")) as {
  clipped: { norm: number; gradients: number[] };
};

beforeEach(() => open());

describe("clipping", () => {
  test("by the global norm, as PyTorch", async () => {
    const gradients = problem("float64").gradients();
    expect(await globalNorm(gradients).item()).toBeCloseTo(stored.clipped.norm, 12);
    const clipped = await numbersIn(...clipByGlobalNorm(gradients, 0.3));
    expect(distance(stored.clipped.gradients, clipped)).toBeLessThan(1e-11);
    expect(await numbersIn(...clipByGlobalNorm(gradients, 5))).toEqual(await numbersIn(...gradients));
  });

  test("by each tensor's norm, and by value", async () => {
    const gradients = [tensor([3, 4]), tensor([0.3, 0.4])];
    expect(distance(await numbersIn(...clipByNorm(gradients, 1)), [0.6, 0.8, 0.3, 0.4])).toBeLessThan(1e-6);
    expect(distance(await numbersIn(...clipByValue(gradients, 0.35)), [0.35, 0.35, 0.3, 0.35])).toBeLessThan(1e-6);
  });

  test("refuses limits that are not above 0", () => {
    for (const clip of [clipByValue, clipByNorm, clipByGlobalNorm]) {
      expect(() => clip([], 0)).toThrow(`[${clip.name}] the limit is a number > 0, got 0`);
    }
    expect(() => globalNorm([])).toThrow("[globalNorm] needs at least one gradient");
  });

  test("within an optimizer", async () => {
    const p = new Variable(tensor([0]));
    const clip: Transform = (gradients, next) => next(clipByValue(gradients, 1));
    new SGD([p], { learningRate: 1, transforms: [clip] }).apply([tensor([9])]);
    expect(await numbersIn(p)).toEqual([-1]);
  });
});

/** Parameters after `steps` steps on gradients 1, 2, 3, ... */
const run = async (
  steps: number,
  make: (parameters: Variable[]) => Transform[],
  compiled: boolean,
): Promise<number[][]> => {
  const p = new Variable(tensor([1, -1], { dtype: "float64" }));
  const optimizer = new SGD([p], { learningRate: 0.1, momentum: 0.5, transforms: make([p]) });
  const plain = (g: Tensor): void => optimizer.apply([g]);
  const step = compiled ? compile(plain) : plain;
  const points: number[][] = [];
  for (let i = 1; i <= steps; i++) {
    step(tensor([i, -i], { dtype: "float64" }));
    points.push(await numbersIn(p));
  }
  return points;
};

describe.each([false, true])("compiled: %s", (compiled) => {
  test("GradientAccumulation takes one step with the mean of k gradients", async () => {
    const accumulated = await run(6, (parameters) => [new GradientAccumulation(parameters, 3)], compiled);
    const p = new Variable(tensor([1, -1], { dtype: "float64" }));
    const optimizer = new SGD([p], { learningRate: 0.1, momentum: 0.5 });
    const means: number[][] = [[1, -1]];
    for (const mean of [2, 5]) {
      optimizer.apply([tensor([mean, -mean], { dtype: "float64" })]);
      means.push(await numbersIn(p));
    }
    const expected = [0, 0, 1, 1, 1, 2].map((i) => means[i] as number[]);
    expect(distance(accumulated.flat(), expected.flat())).toBeLessThan(1e-12);
  });

  test("Lookahead steps back to slow weights every k steps", async () => {
    const points = await run(5, (parameters) => [new Lookahead(parameters, { steps: 2, alpha: 0.25 })], compiled);
    let [p, m, slow] = [1, 0, 1];
    const expected = [1, 2, 3, 4, 5].map((g) => {
      m = 0.5 * m + g;
      p -= 0.1 * m;
      if (g % 2 === 0) {
        slow += 0.25 * (p - slow);
        p = slow;
      }
      return p;
    });
    expect(
      distance(
        points.map(([x]) => x as number),
        expected,
      ),
    ).toBeLessThan(1e-12);
  });

  test("exponentialAverage follows the weights of every step", async () => {
    const averages: Variable[] = [];
    const points = await run(
      4,
      (parameters) => {
        const average = exponentialAverage(parameters, 0.9);
        averages.push(...average.averages);
        return [average];
      },
      compiled,
    );
    const weights = points.map(([x]) => x as number);
    const expected = weights.slice(1).reduce((a, x) => 0.9 * a + 0.1 * x, weights[0] as number);
    expect((await numbersIn(...averages))[0]).toBeCloseTo(expected, 12);
  });
});

describe("WeightAverage", () => {
  test("stochasticAverage is the mean of the weights at its updates; swap exchanges them", async () => {
    const p = new Variable(tensor([1], { dtype: "float64" }));
    const average = stochasticAverage([p]);
    for (const x of [2, 4, 9]) {
      p.assign(tensor([x], { dtype: "float64" }));
      average.update();
    }
    average.swap();
    expect(distance(await numbersIn(p, ...average.averages), [5, 9])).toBeLessThan(1e-12);
    average.swap();
    expect(distance(await numbersIn(p, ...average.averages), [9, 5])).toBeLessThan(1e-12);
  });
});

test("transforms are saved with the optimizer", async () => {
  const make = () => {
    const { a, b, gradients } = problem("float32");
    const parameters = [a, b];
    const transforms = [
      new GradientAccumulation(parameters, 2),
      new Lookahead(parameters, { steps: 2 }),
      exponentialAverage(parameters),
    ];
    return { a, b, gradients, optimizer: new Adam(parameters, { learningRate: 0.1, transforms }) };
  };
  const [one, two] = [make(), make()];
  for (let i = 0; i < 5; i++) one.optimizer.apply(one.gradients());
  await two.optimizer.loadState(one.optimizer.state());
  two.a.assign(one.a.value);
  two.b.assign(one.b.value);
  for (const each of [one, two]) for (let i = 0; i < 3; i++) each.optimizer.apply(each.gradients());
  const numbers = ({ a, b, optimizer }: typeof one) => numbersIn(a, b, ...Object.values(optimizer.state()));
  expect(await numbers(two)).toEqual(await numbers(one));
  expect(Object.keys(one.optimizer.state())).toEqual(
    expect.arrayContaining(["transforms.0.sum.1", "transforms.1.slow.0", "transforms.2.average.1"]),
  );
});

test("options out of range are refused", () => {
  const p = new Variable(tensor([1]));
  const refused: [() => unknown, string][] = [
    [() => new GradientAccumulation([p], 0), "[GradientAccumulation] steps must be a whole number >= 1, got 0"],
    [() => new GradientAccumulation([], 1), "[GradientAccumulation] got no parameters"],
    [
      () => new GradientAccumulation([p], 2).updates([], () => []),
      "[GradientAccumulation] was made for 1 parameters, got 0 gradients",
    ],
    [() => new Lookahead([p], { steps: 0 }), "[Lookahead] steps must be a whole number >= 1, got 0"],
    [() => new Lookahead([p], { alpha: 2 }), "[Lookahead] alpha must be in [0, 1], got 2"],
    [() => new Lookahead([]), "[Lookahead] got no parameters"],
    [() => exponentialAverage([p], 1), "[exponentialAverage] decay must be in [0, 1), got 1"],
    [() => stochasticAverage([]), "[stochasticAverage] got no parameters"],
  ];
  for (const [make, message] of refused) expect(make).toThrow(expect.objectContaining({ message }));
});
