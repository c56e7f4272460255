import type { Shape } from "@gradloom/backend";
import { ArgumentError, DTypeError, ShapeError, threefry2x32 } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { OpRow, Rows, Sample } from "../support/row.ts";
import type { Values } from "../support/values.ts";
import { shaped } from "../support/values.ts";

const seed = 2 ** 40 + 7;
const key = () => g.randomKey(seed);

/** Word `i` of the stream that an explicit key gives. */
const word = (i: number, stream = 0): number => threefry2x32(seed % 2 ** 32, Math.floor(seed / 2 ** 32), i, stream)[0];

/** Uniform numbers: the top 24 bits, in [0, 1); the top 23 bits and a half, in (0, 1). */
const closed = (i: number): number => Math.floor(word(i) / 2 ** 8) * 2 ** -24;
const open = (i: number): number => (Math.floor(word(i) / 2 ** 9) + 0.5) * 2 ** -23;
const open64 = (i: number): number => (Math.floor(word(i) / 2 ** 12) * 2 ** 32 + word(i + 2 ** 31) + 0.5) * 2 ** -52;

const drawn = (shape: Shape, f: (i: number) => number, dtype?: g.DType): Values => {
  const size = shape.reduce((n, m) => n * m, 1);
  return shaped(
    shape,
    Array.from({ length: size }, (_, i) => f(i)),
    dtype,
  );
};

/** The error function by its power series, exact enough for |x| < 4. */
const erf = (x: number): number => {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};

const normalQuantile = (p: number): number => {
  let low = -6;
  let high = 6;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if ((1 + erf(middle / Math.SQRT2)) / 2 < p) low = middle;
    else high = middle;
  }
  return low;
};

const made = (call: () => g.Tensor, expected: Values): Sample => ({ inputs: [], call, expected });

const row = (facts: Partial<OpRow> & Pick<OpRow, "names" | "samples">): OpRow => ({
  gradient: false,
  tolerance: 16,
  errors: [],
  ...facts,
});

const noIntegers = (name: string, call: (options: { dtype: g.DType }) => unknown) => ({
  call: () => call({ dtype: "int32" as const }),
  error: DTypeError,
  text: `[${name}] gives floats, got dtype int32; use randint, or cast(...)`,
});

const gumbelOf = (i: number): number => -Math.log(-Math.log(open(i)));

const logits = [0.5, -1, 2, 0];

/** The categories in the order of `logits + gumbel`, from word `from` on. */
const ranked = (from: number): number[] => {
  const scores = logits.map((x, i) => x + gumbelOf(from + i));
  return [0, 1, 2, 3].sort((a, b) => (scores[b] as number) - (scores[a] as number));
};

export const random = {
  uniform: row({
    names: { torch: "rand", numpy: "random.uniform", tfjs: "randomUniform" },
    samples: [
      made(() => g.uniform([2, 3], { key: key() }), drawn([2, 3], closed, "float32")),
      made(
        () => g.uniform([4], { key: key(), low: -2, high: 6 }),
        drawn([4], (i) => closed(i) * 8 - 2),
      ),
      made(
        () => g.uniform([5], { key: key(), dtype: "float64" }),
        drawn([5], (i) => (Math.floor(word(i) / 2 ** 11) * 2 ** 32 + word(i + 2 ** 31)) * 2 ** -53, "float64"),
      ),
      made(
        () => g.uniform([5], { key: key(), dtype: "float16" }),
        drawn([5], (i) => Math.floor(word(i) / 2 ** 21) * 2 ** -11, "float16"),
      ),
      made(() => g.uniform([0], { key: key() }), shaped([0], [])),
      {
        name: "never rounds up to the upper bound",
        inputs: [],
        call: () => g.uniform([64], { key: key(), low: 1, high: 1 + 2 ** -23 }),
        expected: drawn([64], () => 1),
      },
    ],
    errors: [
      {
        call: () => g.uniform([2], { low: 1, high: 1 }),
        error: ArgumentError,
        text: "[uniform] needs low < high, got 1 and 1",
      },
      noIntegers("uniform", (options) => g.uniform([2], options)),
      {
        call: () => g.uniform([2], { key: g.zeros([2]) }),
        error: ShapeError,
        text: "[uniform] a key is two uint32 words, got float32 [2]; make one with randomKey(seed)",
      },
    ],
  }),
  normal: row({
    names: { torch: "randn", numpy: "random.normal", tfjs: "randomNormal" },
    samples: [
      made(
        () => g.normal([2, 3], { key: key() }),
        drawn([2, 3], (i) => normalQuantile(open(i)), "float32"),
      ),
      made(
        () => g.normal([4], { key: key(), mean: 10, std: 3 }),
        drawn([4], (i) => 10 + 3 * normalQuantile(open(i))),
      ),
      made(
        () => g.normal([3], { key: key(), dtype: "float64" }).cast("float32"),
        drawn([3], (i) => normalQuantile(open64(i))),
      ),
    ],
    errors: [
      { call: () => g.normal([2], { std: -1 }), error: ArgumentError, text: "[normal] std is a number >= 0, got -1" },
      noIntegers("normal", (options) => g.normal([2], options)),
    ],
  }),
  truncatedNormal: row({
    names: { torch: "nn.init.trunc_normal_", tfjs: "truncatedNormal" },
    tolerance: 32,
    scale: "result",
    samples: [
      made(
        () => g.truncatedNormal([6], { key: key(), mean: 1, std: 0.5 }),
        drawn([6], (i) => {
          const [from, to] = [-2, 2].map((z) => (1 + erf(z / Math.SQRT2)) / 2) as [number, number];
          return 1 + 0.5 * normalQuantile(from + open(i) * (to - from));
        }),
      ),
    ],
    errors: [
      {
        call: () => g.truncatedNormal([2], { low: 2, high: -2 }),
        error: ArgumentError,
        text: "[truncatedNormal] needs low < high, got 2 and -2",
      },
    ],
  }),
  exponential: row({
    names: { torch: "Tensor.exponential_", numpy: "random.exponential" },
    samples: [
      made(
        () => g.exponential([5], { key: key(), rate: 2 }),
        drawn([5], (i) => -Math.log(open(i)) / 2),
      ),
    ],
    errors: [
      {
        call: () => g.exponential([2], { rate: 0 }),
        error: ArgumentError,
        text: "[exponential] the rate is a number above 0, got 0",
      },
    ],
  }),
  gumbel: row({
    names: { numpy: "random.gumbel" },
    tolerance: 64,
    samples: [made(() => g.gumbel([5], { key: key() }), drawn([5], gumbelOf))],
  }),
  randint: row({
    names: { torch: "randint", numpy: "random.integers", tfjs: "randomUniformInt" },
    samples: [
      made(
        () => g.randint([8], -3, 4, { key: key() }),
        drawn([8], (i) => (word(i) % 7) - 3, "int32"),
      ),
      made(
        () => g.randint([3], 0, 256, { key: key(), dtype: "uint8" }),
        drawn([3], (i) => word(i) % 256, "uint8"),
      ),
    ],
    errors: [
      {
        call: () => g.randint([2], 3, 3),
        error: ArgumentError,
        text: "[randint] needs whole numbers low < high of the int32 range, got 3 and 3",
      },
      {
        call: () => g.randint([2], 0, 2, { dtype: "bool" }),
        error: DTypeError,
        text: "[randint] gives numbers, got dtype bool; use bernoulli",
      },
    ],
  }),
  bernoulli: row({
    names: { torch: "bernoulli", numpy: "random.binomial" },
    samples: [
      made(
        () => g.bernoulli([8], 0.3, { key: key() }),
        drawn([8], (i) => Number(closed(i) < Math.fround(0.3)), "bool"),
      ),
      {
        name: "a probability per element",
        inputs: [shaped([2], [0, 1])],
        call: (p) => g.bernoulli([3, 2], p as g.Tensor, { key: key(), dtype: "float32" }),
        expected: drawn([3, 2], (i) => i % 2, "float32"),
      },
    ],
    errors: [
      {
        call: () => g.bernoulli([2], 1.5),
        error: ArgumentError,
        text: "[bernoulli] a probability lies in [0, 1], got 1.5",
      },
    ],
  }),
  dropoutMask: row({
    names: {},
    samples: [
      made(
        () => g.dropoutMask([8], 0.25, { key: key() }),
        drawn([8], (i) => (closed(i) >= 0.25 ? 1 / 0.75 : 0), "float32"),
      ),
      made(() => g.dropoutMask([2], 1, { key: key() }), shaped([2], [0, 0])),
      made(() => g.dropoutMask([2], 0, { key: key() }), shaped([2], [1, 1])),
    ],
    errors: [
      {
        call: () => g.dropoutMask([2], -0.1),
        error: ArgumentError,
        text: "[dropoutMask] a rate lies in [0, 1], got -0.1",
      },
    ],
  }),
  categorical: row({
    names: { torch: "multinomial", numpy: "random.choice", tfjs: "multinomial" },
    samples: [
      {
        name: "one draw",
        inputs: [shaped([2, 4], [...logits, ...logits])],
        call: (x) => g.categorical(x as g.Tensor, { key: key() }),
        expected: drawn([2], (row) => ranked(row * 4)[0] as number, "int32"),
        only: ["float32"],
      },
      {
        name: "several draws",
        inputs: [shaped([4], logits)],
        call: (x) => g.categorical(x as g.Tensor, { key: key(), count: 3 }),
        expected: drawn([3], (draw) => ranked(draw * 4)[0] as number, "int32"),
        only: ["float32"],
      },
      {
        name: "without replacement",
        inputs: [shaped([4], logits)],
        call: (x) => g.categorical(x as g.Tensor, { key: key(), count: 4, replacement: false }),
        expected: drawn([4], (place) => ranked(0)[place] as number, "int32"),
        only: ["float32"],
      },
    ],
    errors: [
      {
        call: () => g.categorical(g.zeros([2, 0])),
        error: ShapeError,
        text: "[categorical] needs at least one category along the last axis, got [2,0]",
      },
      {
        call: () => g.categorical(g.zeros([2]), { count: 3, replacement: false }),
        error: ArgumentError,
        text: "[categorical] cannot draw 3 of 2 without replacement",
      },
    ],
  }),
  permutation: row({
    names: { torch: "randperm", numpy: "random.permutation" },
    samples: [
      made(
        () => g.permutation(6, { key: key() }),
        shaped(
          [6],
          [0, 1, 2, 3, 4, 5].sort((a, b) => word(a) - word(b)),
          "int32",
        ),
      ),
      made(() => g.permutation(0, { key: key() }), shaped([0], [], "int32")),
    ],
    errors: [
      {
        call: () => g.permutation(-1),
        error: ShapeError,
        text: "[permutation] a shape holds whole numbers >= 0, got [-1]",
      },
    ],
  }),
  randomKey: row({
    names: { torch: "Generator.manual_seed", numpy: "random.SeedSequence" },
    samples: [made(key, shaped([2], [seed % 2 ** 32, Math.floor(seed / 2 ** 32)], "uint32"))],
    errors: [
      {
        call: () => g.randomKey(-1),
        error: ArgumentError,
        text: "[randomKey] takes a whole number from 0 to 2^53 - 1, got -1",
      },
    ],
  }),
  splitKey: row({
    names: { numpy: "random.SeedSequence.spawn" },
    samples: [
      made(
        () => g.splitKey(key(), 3),
        drawn([3, 2], (i) => word(i, 2 ** 32 - 1), "uint32"),
      ),
    ],
    errors: [{ call: () => g.splitKey(key(), 0), error: ArgumentError, text: "[splitKey] takes a count >= 1, got 0" }],
  }),
} satisfies Rows;
