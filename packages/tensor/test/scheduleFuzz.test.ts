import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Device, Tensor } from "../src/index.ts";
import {
  add,
  arange,
  evaluate,
  exp,
  logSoftmax,
  matmul,
  maximum,
  mul,
  openDevice,
  sub,
  tanh,
  tensor,
  where,
} from "../src/index.ts";
import { devicesUnderTest } from "./support/devices.ts";

/** A small repeatable generator (mulberry32). */
const randomFrom = (seed: number) => {
  let state = seed;
  return (n: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
};

type Pick = (n: number) => number;

/** Operations of the fuzzer: a new tensor from one of the graph and a second that broadcasts to its shape. */
const operations: ((x: Tensor, y: Tensor, pick: Pick) => Tensor)[] = [
  (x, y) => add(x, y),
  (x, y) => mul(x, y),
  (x) => sub(x, 0.5),
  (x) => tanh(x),
  (x) => exp(x.neg().minimum(1)),
  (x, y) => where(x.greater(0), x, y),
  (x, _, pick) => (x.rank > 0 ? x.sum(pick(x.rank), pick(2) === 1) : x.square()),
  (x, _, pick) => (x.rank > 0 ? x.sub(x.max([pick(x.rank)], true)) : x.abs()),
  (x, _, pick) => (x.rank > 0 ? x.mean([pick(x.rank)]) : x.abs()),
  (x) => (x.rank > 1 ? x.transpose(0, x.rank - 1) : x.mul(x)),
  (x) => x.reshape([x.size]),
  (x) => (x.rank === 1 && x.size % 2 === 0 ? x.reshape([2, x.size / 2]) : x.neg()),
  (x) => (x.rank > 0 ? x.flip(0) : x.abs()),
  (x, _, pick) =>
    x.zeroPad(
      x.shape.map(() => pick(2)),
      x.shape.map(() => pick(2)),
    ),
  (x, _, pick) =>
    x.stridedSlice(
      x.shape.map(() => 0),
      x.shape.map((n) => 1 + pick(n)),
    ),
  (x, _, pick) => (x.rank > 0 ? logSoftmax(x, pick(x.rank)) : x.abs()),
  (x) => (x.rank === 2 ? matmul(x, x.transpose()) : maximum(x, 0.1)),
  (x) => x.add(arange(x.shape[x.rank - 1] ?? 1, undefined, 1, { device: x.device }).reshape(x.shape.slice(-1))),
  (x) => x.unsqueeze(0).broadcastTo([2, ...x.shape]),
];

/** A matrix of small numbers. */
const ramp = (rows: number, columns: number, device: Device): Tensor =>
  arange(rows * columns, undefined, 1, { device })
    .sub(rows)
    .div(2 * rows * columns)
    .reshape([rows, columns]);

/** For graphs of matrix products with elementwise work and reductions between them, whose kernels easily wait for each other. */
const productOperations: typeof operations = [
  (x, y) => add(x, y),
  (x, y) => mul(x, y),
  (x) => mul(x, 0.5),
  (x) => x.sub(x.square().mean(-1, true)),
  (x) => x.mean(-1, true),
  (x) => x.sub(x.mean(0, true)),
  (x) => matmul(x, ramp(x.shape[1] as number, 2, x.device)),
  (x) => matmul(x, ramp(x.shape[1] as number, 8, x.device)),
  (x) =>
    matmul(x.transpose(), ramp(x.shape[0] as number, x.shape[1] as number, x.device))
      .sum(0, true)
      .mul(x),
];

interface Family {
  readonly operations: typeof operations;
  /** At least as many operations, and less targets. */
  readonly least: number;
  readonly shapeOf: (pick: Pick) => number[];
}

const families: Readonly<Record<string, Family>> = {
  "small tensors": {
    operations,
    least: 4,
    shapeOf: (pick) => {
      const sizes = [1, 2, 3, 4, 6];
      return Array.from({ length: pick(4) }, () => sizes[pick(sizes.length)] as number);
    },
  },
  "matrix products": { operations: productOperations, least: 16, shapeOf: (pick) => [8, 1 + pick(3)] },
};

/** The targets of a random graph; `settle` sees every new value, so that one run can evaluate each by itself. */
const randomGraph = (
  seed: number,
  { operations, shapeOf, least }: Family,
  device: Device,
  settle: (t: Tensor) => Tensor,
): Tensor[] => {
  const pick = randomFrom(seed);
  const shape = shapeOf(pick);
  const leaf = (s: readonly number[]): Tensor => {
    const n = s.reduce((a, b) => a * b, 1);
    return tensor(
      Float32Array.from({ length: n }, () => (pick(2001) - 1000) / 500),
      { shape: s, device },
    );
  };
  const values: Tensor[] = [leaf(shape), leaf(shape), leaf(shape.map((n) => (pick(2) ? n : 1)))];
  for (let steps = least + pick(16); steps > 0; steps--) {
    const x = values[pick(values.length)] as Tensor;
    const same = values.filter((v) => v.rank === x.rank && v.shape.every((n, d) => n === x.shape[d] || n === 1));
    const operation = operations[pick(operations.length)] as (typeof operations)[number];
    const z = operation(x, same[pick(same.length)] as Tensor, pick);
    if (z.size > 0 && z.size <= 2000) values.push(settle(z));
  }
  const targets = new Set([values.length - 1]);
  for (let i = pick(least); i > 0; i--) targets.add(pick(values.length));
  return [...targets].map((i) => values[i] as Tensor);
};

interface Target {
  readonly open: () => Promise<Device>;
  readonly seeds: number;
}

/** Devices that compile for long get fewer graphs. */
const targets: Readonly<Record<string, Target>> = {
  "the reference": { open: () => openDevice(createReferenceBackend()), seeds: 200 },
  "four buffers a kernel": { open: () => openDevice(createReferenceBackend({ maxBuffers: 4 })), seeds: 200 },
  ...Object.fromEntries(
    devicesUnderTest
      .filter((name) => name !== "reference")
      .map((name) => [name, { open: () => openDevice(name), seeds: name === "cpu" ? 100 : 10 }]),
  ),
};

/** The first element that is off by more than rounding explains. */
const firstWrong = (
  actual: Float32Array,
  expected: Float32Array,
  tolerance: (y: number) => number,
): string | undefined => {
  const k = expected.findIndex((y, i) => {
    const x = actual[i] as number;
    return !Object.is(x, y) && !(Math.abs(x - y) <= tolerance(y));
  });
  return k < 0 ? undefined : `element ${k} is ${actual[k]}, should be ${expected[k]}`;
};

describe.each(Object.keys(targets))("on %s", (target) => {
  test.each(Object.keys(families))(
    "schedules of random graphs of %s give what evaluating every operation by itself gives",
    async (name) => {
      const family = families[name] as Family;
      const { open, seeds } = targets[target] as Target;
      const fused = await open();
      const single = await openDevice(createReferenceBackend());
      for (let seed = 1; seed <= Number(process.env.FUZZ_SEEDS ?? seeds); seed++) {
        const expected = randomGraph(seed, family, single, (t) =>
          tensor(t.dataSync() as Float32Array, { shape: t.shape, device: single }),
        );
        const actual = randomGraph(seed, family, fused, (t) => t);
        await evaluate(...actual);
        for (const [i, t] of actual.entries()) {
          const right = (expected[i] as Tensor).dataSync() as Float32Array;
          // Sums of products lose as much as their largest terms.
          const scale = Math.max(1, ...right.map(Math.abs));
          const wrong = firstWrong(
            (await t.data()) as Float32Array,
            right,
            (y) => 2e-5 * (name === "matrix products" ? scale : 1 + Math.abs(y)),
          );
          if (wrong !== undefined) throw new Error(`seed ${seed}, target ${i} of ${t.toString()}: ${wrong}`);
        }
        for (const t of actual) t.dispose();
      }
      expect(fused.backend.memory().liveBytes).toBe(0);
    },
    120_000,
  );
});
