import type { DType, Tensor } from "@gradloom/tensor";
import { memory, tensor, Variable } from "@gradloom/tensor";
import { LBFGS } from "../src/index.ts";
import { distance, numbersIn, open } from "./support/problem.ts";

beforeEach(() => open());

const rosenbrock = (dtype: DType) => {
  const [x, y] = [-1, 1].map((value) => new Variable(tensor(value, { dtype }))) as [Variable, Variable];
  const loss = (): Tensor => x.value.sub(1).square().add(y.value.sub(x.value.square()).square().mul(100));
  return { x, y, loss };
};

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test("converges on a parabola in a few evaluations", async () => {
    const p = new Variable(tensor([1, 2, 3], { dtype }));
    const weights = tensor([1, 10, 100], { dtype });
    let evaluations = 0;
    await new LBFGS([p], { lineSearch: "strongWolfe" }).step(() => {
      evaluations++;
      return p.value.sub(0.5).square().mul(weights).sum();
    });
    expect(distance(await numbersIn(p), [0.5, 0.5, 0.5])).toBeLessThan(1e-3);
    expect(evaluations).toBeLessThanOrEqual(26);
    expect(p.value.dtype).toBe(dtype);
  });

  test("converges on Rosenbrock's function", async () => {
    const { x, y, loss } = rosenbrock(dtype);
    const optimizer = new LBFGS([x, y], { lineSearch: "strongWolfe" });
    const losses: number[] = [];
    for (let i = 0; i < 4; i++) losses.push(await optimizer.step(loss));
    expect(losses[0]).toBe(4);
    expect(distance(await numbersIn(x, y), [1, 1])).toBeLessThan(0.01);
  });
});

test("goes on from a saved state as if never interrupted", async () => {
  const [one, two] = [rosenbrock("float64"), rosenbrock("float64")];
  const settings = { iterations: 3, lineSearch: "strongWolfe" } as const;
  const first = new LBFGS([one.x, one.y], settings);
  await first.step(one.loss);
  const second = new LBFGS([two.x, two.y], settings);
  await second.loadState(first.state());
  two.x.assign(one.x.value);
  two.y.assign(one.y.value);
  await first.step(one.loss);
  await second.step(two.loss);
  expect(await numbersIn(two.x, two.y)).toEqual(await numbersIn(one.x, one.y));
});

test("keeps no more memory than its history", async () => {
  const p = new Variable(tensor(new Float32Array(100).fill(3)));
  const optimizer = new LBFGS([p], { iterations: 5, history: 4, learningRate: 0.1 });
  const loss = (): Tensor => p.value.square().square().sum();
  for (let i = 0; i < 3; i++) await optimizer.step(loss);
  const { liveBytes } = memory();
  for (let i = 0; i < 3; i++) await optimizer.step(loss);
  expect(memory().liveBytes).toBe(liveBytes);
  // The parameter, direction and gradient, four pairs of vectors and a number for each pair.
  expect(liveBytes).toBe(400 * (1 + 2 + 8) + 4 * 4);
});

test("stops at once where the gradient is 0", async () => {
  const p = new Variable(tensor([0]));
  expect(await new LBFGS([p]).step(() => p.value.square().sum())).toBe(0);
  expect(await numbersIn(p)).toEqual([0]);
});

test("refuses what it cannot use", async () => {
  const p = new Variable(tensor([1]));
  const q = new Variable(tensor([1], { dtype: "float64" }));
  const refused: [() => unknown, string][] = [
    [() => new LBFGS([p], { learningRate: -1 }), "[LBFGS] learningRate must be a number >= 0, got -1"],
    [() => new LBFGS([p], { iterations: 0 }), "[LBFGS] iterations must be a whole number >= 1, got 0"],
    [() => new LBFGS([p], { evaluations: 0 }), "[LBFGS] evaluations must be a whole number >= 1, or null, got 0"],
    [() => new LBFGS([p], { toleranceGradient: -1 }), "[LBFGS] toleranceGradient must be a number >= 0, got -1"],
    [() => new LBFGS([p], { toleranceChange: -1 }), "[LBFGS] toleranceChange must be a number >= 0, got -1"],
    [() => new LBFGS([p], { history: 0 }), "[LBFGS] history must be a whole number >= 1, got 0"],
    [
      () => new LBFGS([p], { lineSearch: "wolfe" as "none" }),
      "[LBFGS] lineSearch must be one of none, strongWolfe, got wolfe",
    ],
    [() => new LBFGS([p, q]), "[LBFGS] parameters have several types, got float32 and float64"],
    [() => new LBFGS([]), "[LBFGS] has nothing to update, got no parameters"],
  ];
  for (const [make, message] of refused) expect(make).toThrow(expect.objectContaining({ message }));
  const optimizer = new LBFGS([p]);
  await expect(optimizer.loadState({})).rejects.toThrow("[LBFGS] the state lacks progress");
  await expect(optimizer.loadState({ progress: tensor([1, 1]), "s.0": tensor([1]) })).rejects.toThrow(
    "[LBFGS] the state lacks",
  );
  await expect(optimizer.loadState({ progress: tensor([1, 1]), gradient: tensor([1, 2]) })).rejects.toThrow(
    "[LBFGS] gradient of the state does not fit, got float32 [2] for float32 [1]",
  );
});
