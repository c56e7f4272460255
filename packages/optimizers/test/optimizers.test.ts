import { readFileSync } from "node:fs";
import type { Tensor } from "@gradloom/tensor";
import { compile, evaluate, explain, memory, ones, statistics, tensor, Variable, zeros } from "@gradloom/tensor";
import { LBFGS, Scheduler } from "../src/index.ts";
import { devices, distance, numbersIn, open, problem } from "./support/problem.ts";
import type { Name } from "./support/rows.ts";
import { make, names, rows } from "./support/rows.ts";

interface Case {
  readonly optimizer: string;
  readonly settings: Record<string, unknown>;
  readonly points: readonly (readonly number[])[];
}

const stored = JSON.parse(readFileSync(`${__dirname}/fixtures/pytorch.json`, "utf8")) as { optimizers: Case[] };

beforeEach(() => open("cpu"));

const cases = stored.optimizers.map((each) => [each.optimizer, each.settings, each.points] as const);

describe.each(devices.flatMap((device) => (["float64", "float32"] as const).map((dtype) => [dtype, device] as const)))(
  "as PyTorch in %s on %s",
  (dtype, device) => {
    beforeEach(() => open(device));
    const tolerance = dtype === "float64" ? 2e-10 : 2e-5;

    test.each(cases)("%s %j", async (name, settings, points) => {
      const { a, b, loss } = problem(dtype);
      const parameters = name === "Muon" ? [a] : [a, b];
      const reached: number[][] = [];
      if (name === "LBFGS") {
        const optimizer = new LBFGS(parameters, settings);
        for (let i = 0; i < points.length; i++) {
          await optimizer.step(loss);
          reached.push(await numbersIn(...parameters));
        }
      } else {
        const optimizer = make(name, parameters, settings);
        for (let i = 0; i < points.length; i++) {
          optimizer.minimize(loss());
          reached.push(await numbersIn(...parameters));
        }
      }
      const off = points.map((point, i) => distance(point as number[], reached[i] as number[]));
      expect(Math.max(...off)).toBeLessThan(name === "LBFGS" && dtype === "float32" ? 1e-3 : tolerance);
    });
  },
);

test("every optimizer has stored trajectories", () => {
  const known = new Set(stored.optimizers.map(({ optimizer }) => optimizer));
  expect([...known].sort()).toEqual([...names, "LBFGS"].sort());
});

const descend = async (
  name: Name,
  start: Tensor,
  lossOf: (p: Tensor) => Tensor,
  { settings, steps, rate }: (typeof rows)[Name]["parabola"],
): Promise<number[]> => {
  const p = new Variable(start);
  const optimizer = make(name, [p], settings);
  const scheduler = rate && new Scheduler(optimizer, rate);
  const step = compile(() => optimizer.minimize(lossOf(p.value)));
  for (let i = 0; i < steps; i++) {
    step();
    scheduler?.step();
  }
  return numbersIn(p);
};

describe.each(names)("%s", (name) => {
  const row = rows[name];

  test("converges on a parabola", async () => {
    const target = tensor([[1, -2, 0.5]]);
    const p = await descend(name, zeros([1, 3]).add(0.1), (x) => x.sub(target).square().sum(), row.parabola);
    expect(distance(await numbersIn(target), p)).toBeLessThan(0.01);
  });

  test("converges on Rosenbrock's function", async () => {
    const start = tensor([[-1, 1]], { dtype: "float64" });
    const rosenbrock = (p: Tensor): Tensor => {
      const [x, y] = [p.slice([0, 0]), p.slice([0, 1])];
      return x.sub(1).square().add(y.sub(x.square()).square().mul(100));
    };
    const p = await descend(name, start, rosenbrock, row.rosenbrock);
    expect(distance([1, 1], p)).toBeLessThan(0.1);
  });

  test.each(["float32", "float64"] as const)("keeps %s", async (dtype) => {
    const { a, b, gradients } = problem(dtype);
    const optimizer = make(name, name === "Muon" ? [a] : [a, b]);
    optimizer.apply(gradients().slice(0, optimizer.parameters.length));
    expect(a.value.dtype).toBe(dtype);
    await numbersIn(a);
    const types = Object.entries(optimizer.state()).map(([key, variable]) => [key, variable.value.dtype]);
    expect(types).toEqual(types.map(([key]) => [key, key === "step" ? "int32" : dtype]));
  });

  test("goes on from a saved state as if never interrupted", async () => {
    const first = problem("float32");
    const parametersOf = ({ a, b }: typeof first) => (name === "Muon" ? [a] : [a, b]);
    const one = make(name, parametersOf(first), { learningRate: 0.05 });
    for (let i = 0; i < 3; i++) one.minimize(first.loss());
    one.learningRate = 0.02;
    const saved: Record<string, Tensor> = {};
    for (const [key, { value }] of Object.entries(one.state())) {
      saved[key] = tensor(await value.data(), { shape: value.shape, dtype: value.dtype });
    }
    const second = problem("float32");
    const two = make(name, parametersOf(second));
    for (const [i, p] of parametersOf(second).entries()) {
      p.assign(tensor(await numbersIn(parametersOf(first)[i] as Variable), { shape: p.shape }));
    }
    second.b.assign(first.b.value);
    await two.loadState(saved);
    expect(two.learningRate).toBeCloseTo(0.02, 8);
    one.minimize(first.loss());
    two.minimize(second.loss());
    expect(await numbersIn(...parametersOf(second))).toEqual(await numbersIn(...parametersOf(first)));
  });

  test("a compiled step gives the same bits as a plain one", async () => {
    const run = async (compiled: boolean): Promise<number[][]> => {
      const { a, b, loss } = problem("float32");
      const optimizer = make(name, name === "Muon" ? [a] : [a, b], { learningRate: 0.05 });
      const plain = (): Tensor => {
        const value = loss();
        optimizer.minimize(value);
        return value;
      };
      const step = compiled ? compile(plain) : plain;
      const trace: number[][] = [];
      for (let i = 0; i < 20; i++) {
        if (i === 10) optimizer.learningRate = 0.01;
        const value = step();
        trace.push(await numbersIn(value, a, b));
      }
      return trace;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test("refuses settings out of range", () => {
    const { a } = problem("float32");
    const common = [
      [{ learningRate: -1 }, `[${name}] learningRate must be a number >= 0, got -1`],
      [{ weightDecay: -0.5 }, `[${name}] weightDecay must be a number >= 0, got -0.5`],
      [{ maximize: 1 }, `[${name}] maximize must be true or false, got 1`],
    ] as const;
    for (const [settings, message] of [...common, ...row.refused]) {
      expect(() => make(name, [a], settings as object)).toThrow(expect.objectContaining({ message }));
      expect(() => make(name, [{ parameters: [a], ...(settings as object) }])).toThrow(
        expect.objectContaining({ message }),
      );
    }
    expect(() => make(name, [a], { lr: 1 } as object)).toThrow(`[${name}] has no setting lr; use learningRate`);
  });
});

/** Rules that look at one element at a time. */
const elementwise = names.filter((name) => !["LAMB", "Adafactor", "Muon"].includes(name));

describe.each(devices.flatMap((device) => elementwise.map((name) => [name, device] as const)))(
  "a step of %s on 60 parameters on %s",
  (name, device) => {
    beforeEach(() => open(device));

    test("is one kernel per parameter and one for what they share, in place", async () => {
      const parameters = Array.from({ length: 60 }, (_, i) => new Variable(ones([4, 8 + (i % 3)])));
      const gradients = parameters.map(({ shape }) => ones(shape));
      await evaluate(...gradients);
      const optimizer = make(name, parameters, { learningRate: 0.1 });
      const reports: unknown[] = [];
      for (let i = 0; i < 5; i++) {
        if (i === 3) optimizer.learningRate = 0.01;
        optimizer.apply(gradients);
        const before = statistics();
        expect(explain().scratchBytes).toBeLessThanOrEqual(256);
        await evaluate(gradients[0] as Tensor);
        const { kernels, plans, programs } = statistics();
        reports.push({
          kernels: kernels - before.kernels,
          plans: plans - before.plans,
          programs: programs - before.programs,
          bytes: memory().liveBytes,
        });
      }
      const { bytes } = reports[1] as { bytes: number };
      const steady = { kernels: 61, plans: 0, programs: 0, bytes };
      // A changed rate is written by one more tiny kernel, known already.
      expect(reports.slice(2)).toEqual([steady, { ...steady, kernels: 62, plans: 1 }, steady]);
    });
  },
);

test.each(devices.flatMap((device) => names.map((name) => [name, device] as const)))(
  "a step of %s on %s takes scratch memory only",
  async (name, device) => {
    const { backend } = await open(device);
    const shapes = name === "Muon" ? [[24, 16]] : [[24, 16], [40]];
    const parameters = shapes.map((shape) => new Variable(ones(shape)));
    const gradients = shapes.map((shape) => ones(shape));
    await evaluate(...gradients);
    const optimizer = make(name, parameters);
    for (let i = 0; i < 3; i++) {
      optimizer.apply(gradients);
      const { scratchBytes } = explain();
      const allocate = jest.spyOn(backend, "allocate");
      await evaluate(gradients[0] as Tensor);
      const bytes = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0);
      allocate.mockRestore();
      if (i > 0) expect(bytes).toBe(scratchBytes);
    }
  },
);

test.each(["Adam", "AdamW", "NAdam", "RAdam"] as const)(
  "bias corrections of %s are worked out once, not per element",
  async (name) => {
    const p = new Variable(ones([1000]));
    const optimizer = make(name, [p]);
    await evaluate(p.value);
    optimizer.apply([p.value.mul(2)]);
    const { kernels } = explain();
    const perElement = kernels.filter(({ flops }) => flops >= 1000).map(({ flops }) => flops / 1000);
    expect(perElement).toHaveLength(1);
    expect(perElement[0]).toBeLessThan(22);
  },
);
