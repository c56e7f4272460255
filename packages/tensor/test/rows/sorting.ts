import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { number, position, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { alongAxis, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);

/** Stable order, NaN the largest. */
const orderOf = (line: readonly number[], descending: boolean): number[] => {
  const compare = (a: number, b: number): number =>
    Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;
  return line.map((_, i) => i).sort((i, j) => (descending ? -1 : 1) * compare(line[i] as number, line[j] as number));
};

const sorted = (x: Values, axis: number, descending: boolean, count?: number): Values =>
  alongAxis(x, axis, (line) =>
    orderOf(line, descending)
      .slice(0, count)
      .map((i) => line[i] as number),
  );

const positions = (x: Values, axis: number, descending: boolean, count?: number): Values => ({
  ...alongAxis(x, axis, (line) => orderOf(line, descending).slice(0, count)),
  dtype: "int32",
});

const ties = shaped([8], [2, 1, 2, 3, 1, 2, 3, 0], "float32");
const special = shaped([6], [1, Number.NaN, -Infinity, Infinity, Number.NaN, -1], "float32");

const sortingBy = (name: string, input: Values, axis: number, descending: boolean): Sample => ({
  name,
  inputs: [input],
  call: (x) => g.sort(x as g.Tensor, axis, { descending }),
  expected: (x) => sorted(x as Values, axis, descending),
});

const argsorting = (name: string, input: Values, axis: number, descending: boolean): Sample => ({
  name,
  inputs: [input],
  call: (x) => g.argsort(x as g.Tensor, axis, { descending }),
  expected: (x) => positions(x as Values, axis, descending),
});

const top = (name: string, input: Values, k: number, axis: number, largest: boolean): Sample => ({
  name,
  inputs: [input],
  call: (x) => {
    const { values: found, indices } = g.topK(x as g.Tensor, k, { axis, largest });
    return [found, indices];
  },
  expected: (x) => [sorted(x as Values, axis, largest, k), positions(x as Values, axis, largest, k)],
});

const kth = (name: string, input: Values, k: number, axis: number): Sample => ({
  name,
  inputs: [input],
  call: (x) => {
    const { values: found, indices } = g.kthvalue(x as g.Tensor, k, axis);
    return [found, indices];
  },
  expected: (x) => {
    const one = (v: Values): Values => {
      const lines = alongAxis(v, axis, (line) => line.slice(k - 1, k));
      return { ...lines, shape: lines.shape.filter((_, d) => d !== (axis < 0 ? axis + v.shape.length : axis)) };
    };
    return [one(sorted(x as Values, axis, false)), { ...one(positions(x as Values, axis, false)), dtype: "int32" }];
  },
});

interface ScanOptions {
  readonly exclusive?: boolean;
  readonly reverse?: boolean;
}

/** Each element from those before it and itself. */
const scanned = (
  x: Values,
  axis: number,
  f: (elements: readonly number[]) => number,
  { exclusive = false, reverse = false }: ScanOptions = {},
): Values =>
  alongAxis(x, axis, (line) => {
    const forward = reverse ? [...line].reverse() : line;
    const result = forward.map((_, i) => f(forward.slice(0, i + (exclusive ? 0 : 1))));
    return reverse ? result.reverse() : result;
  });

type Scan = (x: g.Tensor, axis?: number, options?: ScanOptions) => g.Tensor;

const allScans = (op: Scan, f: (elements: readonly number[]) => number): Sample[] => [
  {
    name: "last axis",
    inputs: [random([2, 5])],
    call: (x) => op(x as g.Tensor),
    expected: (x) => scanned(x as Values, 1, f),
  },
  {
    name: "first axis",
    inputs: [random([4, 2])],
    call: (x) => op(x as g.Tensor, 0),
    expected: (x) => scanned(x as Values, 0, f),
  },
  ...[{ exclusive: true }, { reverse: true }, { exclusive: true, reverse: true }].map(
    (options): Sample => ({
      name: Object.keys(options).join(" "),
      inputs: [random([2, 6])],
      call: (x) => op(x as g.Tensor, 1, options),
      expected: (x) => scanned(x as Values, 1, f, options),
      // -Infinity has no differences.
      smooth: op !== g.cumulativeLogSumExp || options.exclusive !== true,
    }),
  ),
  { name: "one", inputs: [random([1])], call: (x) => op(x as g.Tensor), expected: (x) => scanned(x as Values, 0, f) },
  { name: "empty", inputs: [random([0, 2])], call: (x) => op(x as g.Tensor, 0), expected: shaped([0, 2], []) },
];

const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
const logSumExp = (list: readonly number[]): number => {
  const most = Math.max(...list);
  return Number.isFinite(most) ? most + Math.log(total(list.map((x) => Math.exp(x - most)))) : most;
};

type Extreme = (x: g.Tensor, axis?: number, options?: { reverse?: boolean }) => g.ValuesAndIndices;

const extremes = (op: Extreme, better: (a: number, b: number) => boolean): Sample[] => {
  const best = (line: readonly number[], reverse: boolean): number[] => {
    const order = line.map((_, i) => (reverse ? line.length - 1 - i : i));
    const result = new Array<number>(line.length);
    let at = order[0] as number;
    for (const i of order) {
      const [value, old] = [line[i] as number, line[at] as number];
      if (Number.isNaN(value) || (!Number.isNaN(old) && better(value, old))) at = i;
      result[i] = at;
    }
    return result;
  };
  const sample = (name: string, input: Values, axis: number, reverse: boolean): Sample => ({
    name,
    inputs: [input],
    call: (x) => {
      const found = op(x as g.Tensor, axis, { reverse });
      return [found.values, found.indices];
    },
    expected: (x) => [
      alongAxis(x as Values, axis, (line) => best(line, reverse).map((i) => line[i] as number)),
      { ...alongAxis(x as Values, axis, (line) => best(line, reverse)), dtype: "int32" },
    ],
  });
  return [
    sample("last axis", random([2, 6]), 1, false),
    sample("first axis, reversed", random([5, 2]), 0, true),
    sample("ties", ties, 0, false),
    sample("NaN and infinities", special, 0, false),
    sample("reversed NaN", special, 0, true),
  ];
};

const uniques = (name: string, input: Values, found: Values, inverse: number[], counts: number[]): Sample => ({
  name,
  inputs: [input],
  call: async (x) => {
    const result = await g.unique(x as g.Tensor);
    return [result.values, result.inverse, result.counts];
  },
  expected: [found, shaped(input.shape, inverse, "int32"), shaped([counts.length], counts, "int32")],
});

export const sorting = {
  sort: {
    names: { torch: "sort", numpy: "sort" },
    samples: [
      sortingBy("ascending", random([3, 5]), -1, false),
      sortingBy("descending", random([4, 3]), 0, true),
      sortingBy("a middle axis", random([2, 3, 2]), 1, false),
      sortingBy("ties", ties, 0, false),
      sortingBy("NaN and infinities", special, 0, false),
      sortingBy("NaN first when descending", special, 0, true),
      { ...sortingBy("many", random([300]), 0, false), smooth: false },
      sortingBy("empty", random([2, 0]), 1, false),
      sortingBy("no rows", random([0, 2]), 1, false),
    ],
    dtypes: same,
    gradient: true,
    derivatives: [
      {
        name: "gradients go where the elements came from",
        inputs: [values([3, 1, 2]), values([1, 10, 100])],
        call: (x, w) => g.sort(x as g.Tensor).mul(w as g.Tensor),
        expected: [
          [100, 1, 10],
          [1, 2, 3],
        ],
      },
    ],
    errors: [bad(ShapeError, () => g.sort(zeros(2), 1), "[argsort] axis 1 is out of range for rank 1; use -1 to 0")],
  },
  argsort: {
    names: { torch: "argsort", numpy: "argsort" },
    samples: [
      argsorting("ascending", random([3, 5]), -1, false),
      argsorting("descending on the first axis", random([4, 3]), 0, true),
      argsorting("ties keep their order", ties, 0, false),
      argsorting("ties keep their order when descending", ties, 0, true),
      argsorting("NaN and infinities", special, 0, true),
    ],
    dtypes: position,
    gradient: false,
    errors: [
      bad(
        ShapeError,
        () => g.argsort(zeros(), 0),
        "[argsort] axis 0 is out of range for rank 0; a rank-0 tensor has no axes",
      ),
    ],
  },
  topK: {
    names: { torch: "topk", tfjs: "topk" },
    samples: [
      top("largest", random([2, 6]), 3, -1, true),
      top("smallest on the first axis", random([5, 2]), 2, 0, false),
      top("ties: the first come first", ties, 5, 0, true),
      top("NaN is largest", special, 3, 0, true),
      top("none", random([2, 3]), 0, 1, true),
      top("all", random([4]), 4, 0, true),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(ArgumentError, () => g.topK(zeros(3), 1.5), "[topK] k is a whole number >= 0, got 1.5"),
      bad(ShapeError, () => g.topK(zeros(3), 4), "[topK] k = 4 is more than axis 0 of [3] has; use 3 at most"),
    ],
  },
  kthvalue: {
    names: { torch: "kthvalue", numpy: "partition" },
    samples: [
      kth("second smallest", random([3, 5]), 2, -1),
      kth("largest of the first axis", random([4, 2]), 4, 0),
      kth("ties", ties, 3, 0),
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ArgumentError,
        () => g.kthvalue(zeros(3), 0),
        "[kthvalue] k is a whole number from 1 to 3, the size of axis 0 of [3], got 0",
      ),
    ],
  },
  unique: {
    names: { torch: "unique", numpy: "unique", tfjs: "unique" },
    samples: [
      uniques(
        "numbers",
        values([
          [3, 1],
          [3, -2],
        ]),
        values([-2, 1, 3]),
        [2, 1, 2, 0],
        [1, 1, 2],
      ),
      uniques("zeros of both signs", shaped([2], [0, -0], "float32"), shaped([1], [0]), [0, 0], [2]),
      uniques(
        "NaN",
        shaped([3], [Number.NaN, 1, Number.NaN], "float32"),
        shaped([3], [1, Number.NaN, Number.NaN]),
        [1, 0, 2],
        [1, 1, 1],
      ),
      uniques("nothing", shaped([0], []), shaped([0], []), [], []),
    ],
    typed: uniques("small numbers", values([1, 0, 1]), values([0, 1]), [1, 0, 1], [1, 2]),
    dtypes: same,
    gradient: false,
    errors: [],
  },
  cumsum: {
    names: { torch: "cumsum", numpy: "cumsum", tfjs: "cumsum" },
    samples: allScans(g.cumsum, total),
    dtypes: (dtype) => (dtype === "bool" || dtype === "int8" || dtype === "uint8" ? "int32" : dtype),
    gradient: true,
    errors: [bad(ShapeError, () => g.cumsum(zeros(2), 1), "[cumsum] axis 1 is out of range for rank 1; use -1 to 0")],
  },
  cumprod: {
    names: { torch: "cumprod", numpy: "cumprod", tfjs: "cumprod" },
    samples: allScans(g.cumprod, product),
    dtypes: (dtype) => (dtype === "bool" || dtype === "int8" || dtype === "uint8" ? "int32" : dtype),
    gradient: true,
    derivatives: [
      {
        name: "exact beside one zero",
        inputs: [values([2, 0, 3, 4])],
        call: (x) => g.cumprod(x as g.Tensor),
        expected: [[1, 2 + 6 + 24, 0, 0]],
      },
      {
        name: "exact beside two zeros",
        inputs: [values([2, 0, 0, 4])],
        call: (x) => g.cumprod(x as g.Tensor),
        expected: [[1, 2, 0, 0]],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.cumprod(zeros(), 0),
        "[cumprod] axis 0 is out of range for rank 0; a rank-0 tensor has no axes",
      ),
    ],
  },
  cumulativeLogSumExp: {
    names: { torch: "logcumsumexp", numpy: "logaddexp.accumulate" },
    samples: [
      ...allScans(g.cumulativeLogSumExp, logSumExp),
      {
        name: "without overflow",
        inputs: [shaped([4], [-1000, 1000, 999, -Infinity], "float32")],
        call: (x) => g.cumulativeLogSumExp(x as g.Tensor),
        expected: shaped([4], [-1000, 1000, 1000 + Math.log1p(Math.exp(-1)), 1000 + Math.log1p(Math.exp(-1))]),
      },
      {
        name: "of nothing at all",
        inputs: [shaped([2], [-Infinity, -Infinity], "float32")],
        call: (x) => g.cumulativeLogSumExp(x as g.Tensor),
        expected: shaped([2], [-Infinity, -Infinity]),
      },
    ],
    typed: {
      inputs: [values([0, 0, 0])],
      call: (x) => g.cumulativeLogSumExp(x as g.Tensor),
      expected: values([0, Math.log(2), Math.log(3)]),
    },
    dtypes: (dtype) => (dtype.includes("float") ? dtype : "float32"),
    gradient: true,
    scale: "result",
    derivatives: [
      {
        name: "exclusive",
        inputs: [values([0, 0, 0])],
        call: (x) => g.cumulativeLogSumExp(x as g.Tensor, 0, { exclusive: true }).slice("1:"),
        expected: [[1.5, 0.5, 0]],
      },
      {
        name: "exclusive, reversed",
        inputs: [values([0, 0, -Infinity])],
        call: (x) => g.cumulativeLogSumExp(x as g.Tensor, 0, { exclusive: true, reverse: true }).slice(":2"),
        expected: [[0, 1, 0]],
      },
      {
        name: "of missing numbers",
        inputs: [values([-Infinity, 0, 0])],
        call: (x) => g.cumulativeLogSumExp(x as g.Tensor).slice("1:"),
        expected: [[0, 1.5, 0.5]],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.cumulativeLogSumExp(zeros(2), 2),
        "[cumulativeLogSumExp] axis 2 is out of range for rank 1; use -1 to 0",
      ),
    ],
  },
  cummax: {
    names: { torch: "cummax", numpy: "maximum.accumulate" },
    samples: extremes(g.cummax, (a, b) => a >= b),
    dtypes: number,
    gradient: true,
    errors: [
      bad(DTypeError, () => g.cummax(g.tensor([true])), "[cummax] takes numbers, got bool; use cast(...) first"),
      bad(ShapeError, () => g.cummax(zeros(2), 1), "[cummax] axis 1 is out of range for rank 1; use -1 to 0"),
    ],
  },
  cummin: {
    names: { torch: "cummin", numpy: "minimum.accumulate" },
    samples: extremes(g.cummin, (a, b) => a <= b),
    dtypes: number,
    gradient: true,
    errors: [
      bad(DTypeError, () => g.cummin(g.tensor([true])), "[cummin] takes numbers, got bool; use cast(...) first"),
    ],
  },
} satisfies Rows;
