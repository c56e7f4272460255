import type { Tensor } from "@gradloom/tensor";
import { compile, evaluate, ones, statistics, tensor, Variable, zeros } from "@gradloom/tensor";
import type { OneCycleMomentumOptions } from "../src/index.ts";
import { Adam, oneCycleMomentum, SGD } from "../src/index.ts";
import { distance, numbersIn, open, problem } from "./support/problem.ts";
import type { Name } from "./support/rows.ts";
import { make } from "./support/rows.ts";

beforeEach(() => open());

/** As PyTorch's `OneCycleLR` works it out, phase by phase. */
const phaseByPhase = (step: number, options: OneCycleMomentumOptions): number => {
  const { steps, rise, anneal, high, low, threePhase } = options;
  const phases = [
    { end: rise * steps - 1, from: high, to: low },
    ...(threePhase
      ? [
          { end: 2 * rise * steps - 2, from: low, to: high },
          { end: steps - 1, from: high, to: high },
        ]
      : [{ end: steps - 1, from: low, to: high }]),
  ];
  let start = 0;
  for (const { end, from, to } of phases) {
    if (step <= end) {
      const share = (step - start) / (end - start);
      return anneal === "linear"
        ? from + (to - from) * share
        : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
    }
    start = end;
  }
  return high;
};

const usual: OneCycleMomentumOptions = {
  steps: 30,
  rise: 0.3,
  anneal: "cosine",
  high: 0.95,
  low: 0.85,
  threePhase: false,
};

test.each<Partial<OneCycleMomentumOptions>>([
  {},
  { anneal: "linear" },
  { rise: 0.4, threePhase: true },
  { rise: 0, high: 0.9, low: 0.5 },
  { rise: 1 },
])("one cycle of momentum with %j", async (changes) => {
  const options = { ...usual, ...changes };
  const momentum = oneCycleMomentum(options);
  const t = tensor(Float64Array.from({ length: 40 }, (_, i) => i + 1));
  const expected = Array.from({ length: 40 }, (_, i) => phaseByPhase(i, options));
  expect(distance(expected, await numbersIn(momentum(t)))).toBeLessThan(1e-14);
});

test("a cycle refuses what makes no sense", () => {
  expect(() => oneCycleMomentum({ steps: 0 })).toThrow("[oneCycleMomentum] steps must be a whole number >= 1, got 0");
  expect(() => oneCycleMomentum({ steps: 9, high: 1 })).toThrow("[oneCycleMomentum] high must be in [0, 1), got 1");
});

const settings: readonly (readonly [Name, Record<string, number>])[] = [
  ["SGD", { momentum: 0.8 }],
  ["RMSprop", { momentum: 0.8 }],
  ["Muon", { momentum: 0.8 }],
  ...(["Adam", "AdamW", "Adamax", "NAdam", "RAdam", "LAMB"] as const).map((name) => [name, { beta1: 0.8 }] as const),
];

test.each(settings)("%s takes a function for %j", async (name, given) => {
  const functions = Object.fromEntries(Object.entries(given).map(([key, x]) => [key, (t: Tensor) => t.mul(0).add(x)]));
  const reached: number[][] = [];
  for (const each of [given, functions]) {
    const { a, b, loss } = problem("float64");
    const parameters = name === "Muon" ? [a] : [a, b];
    const optimizer = make(name, parameters, each);
    for (let i = 0; i < 5; i++) optimizer.minimize(loss());
    reached.push(await numbersIn(...parameters));
  }
  expect(distance(reached[0] as number[], reached[1] as number[])).toBeLessThan(1e-14);
});

test("the momentum of each step is that of the optimizer's counter, and compiles nothing", async () => {
  const { backend } = await open();
  const p = new Variable(zeros([1]));
  const g = ones([1]);
  await evaluate(g);
  const optimizer = new SGD([p], { learningRate: 1, momentum: (t) => t.mul(0.1) });
  const step = compile((): void => optimizer.apply([g]));
  step();
  step();
  const { programs } = backend;
  step();
  // m = 1, then 0.2 + 1, then 0.3 * 1.2 + 1
  expect(await p.value.item()).toBeCloseTo(-(1 + 1.2 + 1.36), 6);
  step();
  await evaluate(g);
  expect(backend.programs).toBe(programs);
});

test("a cycle is worked out once for all parameters", async () => {
  await open("cpu");
  const parameters = Array.from({ length: 20 }, () => new Variable(ones([4, 8])));
  const gradients = parameters.map(({ shape }) => ones(shape));
  await evaluate(...gradients);
  const optimizer = new Adam(parameters, { beta1: oneCycleMomentum({ steps: 100 }) });
  for (let i = 0; i < 3; i++) {
    optimizer.apply(gradients);
    const { kernels } = statistics();
    await evaluate(gradients[0] as Tensor);
    if (i === 2) expect(statistics().kernels - kernels).toBe(21);
  }
});
