import { ArgumentError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, OpRow, Rows, Sample } from "../support/row.ts";
import { position, real, same, truth, widened } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { fold, random, shaped, values, zip } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

type Reduce = (x: g.Tensor, axes?: g.Axes, keepDims?: boolean) => g.Tensor;
type Fold = (elements: number[]) => number;

const sumOf: Fold = (list) => list.reduce((a, b) => a + b, 0);
const meanOf: Fold = (list) => sumOf(list) / list.length;
const varianceOf =
  (correction: number): Fold =>
  (list) => {
    const mean = meanOf(list);
    return sumOf(list.map((x) => (x - mean) ** 2)) / Math.max(0, list.length - correction);
  };
/** Value, mean and variance. */
const standardizedOf = (x: Values, axes: readonly number[], epsilon: number): Values[] => {
  const mean = fold(x, axes, meanOf, true);
  const variance = fold(x, axes, varianceOf(0), true);
  const value = zip(
    (a, m, v) => ((a as number) - (m as number)) / Math.sqrt((v as number) + epsilon),
    x,
    mean,
    variance,
  );
  return [value, mean, variance];
};

const sorted = (list: number[]): number[] => [...list].sort((a, b) => a - b);

const outOfRange = (name: string, op: Reduce): BadCall => ({
  call: () => op(g.zeros([2, 3]), 2),
  error: ShapeError,
  text: `[${name}] axis 2 is out of range for rank 2; use -2 to 1`,
});

const twice = (name: string, op: Reduce): BadCall => ({
  call: () => op(g.zeros([2, 3]), [1, -1]),
  error: ShapeError,
  text: `[${name}] axis 1 is named twice, got [1,1]`,
});

/** Samples of a reduction over one, several, all and no axes. */
const samplesOf = (op: Reduce, f: Fold, input: (shape: number[]) => Values, more: Partial<Sample> = {}): Sample[] => {
  const sample = (shape: number[], axes?: number | number[], keepDims = false): Sample => ({
    name: `over ${axes ?? "all"}`,
    inputs: [input(shape)],
    call: (x) => op(x as g.Tensor, axes, keepDims),
    expected: (x) => fold(x as Values, typeof axes === "number" ? [axes] : axes, f, keepDims),
    ...more,
  });
  return [
    sample([2, 3]),
    sample([2, 3], 0),
    sample([2, 3], -1, true),
    sample([2, 3, 4], [0, 2]),
    sample([2, 3, 4], [-1, 1], true),
    sample([2, 3], []),
    sample([]),
    sample([3, 1], 1),
    sample([2, 0, 3], 0),
  ];
};

const reductionRow = (
  name: string,
  op: Reduce,
  f: Fold,
  facts: Pick<OpRow, "names" | "gradient"> & Partial<OpRow>,
  input: (shape: number[]) => Values = (shape) => random(shape),
): OpRow => ({
  dtypes: real,
  tolerance: 8,
  scale: "result",
  ...facts,
  samples: [...samplesOf(op, f, input), ...(facts.samples ?? [])],
  typed: facts.typed ?? {
    inputs: [
      values([
        [3, -1, 0],
        [2, 2, 5],
      ]),
    ],
    call: (x) => op(x as g.Tensor, 1),
    expected: (x) => fold(x as Values, [1], f),
  },
  errors: [outOfRange(name, op), twice(name, op), ...(facts.errors ?? [])],
});

/** What a reduction gives over no elements. */
const ofNothing = (op: Reduce, expected: number): Sample => ({
  name: "over no elements",
  inputs: [shaped([2, 0], [])],
  call: (x) => op(x as g.Tensor, 1),
  expected: shaped([2], [expected, expected]),
});

const refusesNothing = (name: string, op: (x: g.Tensor, axis?: number) => unknown): BadCall => ({
  call: () => op(g.zeros([2, 0]), 1),
  error: ShapeError,
  text: `[${name}] has no result over the empty dimension 1 of [2,0]`,
});

const large = (op: Reduce, expected: number): Sample => ({
  name: "adds up in int32",
  inputs: [values([100, 100, 100], "int8")],
  call: (x) => op(x as g.Tensor),
  expected: { shape: [], data: [expected], dtype: "int32" },
});

const firstExtreme =
  (beats: (a: number, b: number) => boolean): Fold =>
  (list) =>
    list.reduce((best, x, i) => {
      const y = list[best] as number;
      return beats(x, y) || (Number.isNaN(x) && !Number.isNaN(y)) ? i : best;
    }, 0);

const argument = (
  name: string,
  op: (x: g.Tensor, axis?: number, keepDims?: boolean) => g.Tensor,
  f: Fold,
  names: OpRow["names"],
): OpRow => ({
  names,
  dtypes: position,
  gradient: false,
  samples: [
    {
      inputs: [random([2, 3])],
      call: (x) => op(x as g.Tensor),
      expected: (x) => fold(x as Values, undefined, f),
    },
    {
      inputs: [random([2, 3, 4])],
      call: (x) => op(x as g.Tensor, 1),
      expected: (x) => fold(x as Values, [1], f),
    },
    {
      inputs: [random([2, 3])],
      call: (x) => op(x as g.Tensor, -2, true),
      expected: (x) => fold(x as Values, [0], f, true),
    },
    {
      name: "ties take the first, NaN is extreme",
      inputs: [
        values([
          [1, 3, 3],
          [0, nan, 9],
          [-1, -1, 2],
        ]),
      ],
      call: (x) => op(x as g.Tensor, 1),
      expected: (x) => fold(x as Values, [1], f),
    },
    { inputs: [values(5)], call: (x) => op(x as g.Tensor), expected: shaped([], [0], "int32") },
  ],
  typed: {
    inputs: [
      values([
        [3, -1, 0],
        [2, 2, 5],
      ]),
    ],
    call: (x) => op(x as g.Tensor, 1),
    expected: (x) => fold(x as Values, [1], f),
  },
  errors: [
    {
      call: () => op(g.zeros([2, 3]), 2),
      error: ShapeError,
      text: `[${name}] axis 2 is out of range for rank 2; use -2 to 1`,
    },
    refusesNothing(name, op),
  ],
});

const extreme = (name: string, op: Reduce, f: Fold, names: OpRow["names"]): OpRow => {
  const row = reductionRow(name, op, f, {
    names,
    dtypes: same,
    gradient: true,
    derivatives: [
      {
        name: "ties share",
        inputs: [
          values([
            [2, 2, name === "max" ? 1 : 3],
            [name === "max" ? 0 : 9, 5, 5],
          ]),
        ],
        call: (x) => op(x as g.Tensor, 1),
        expected: [[0.5, 0.5, 0, 0, 0.5, 0.5]],
      },
    ],
    samples: [
      {
        name: "NaN and infinities",
        inputs: [
          values([
            [1, nan],
            [inf, -inf],
          ]),
        ],
        call: (x) => op(x as g.Tensor, 1),
        expected: (x) => fold(x as Values, [1], f),
        smooth: false,
      },
    ],
    errors: [refusesNothing(name, op)],
  });
  return row;
};

const truthRow = (name: string, op: Reduce, f: Fold, names: OpRow["names"], empty: number): OpRow =>
  reductionRow(name, op, f, { names, dtypes: truth, gradient: false, samples: [ofNothing(op, empty)] }, (shape) =>
    shaped(shape, random(shape).data.map(Math.trunc)),
  );

const powerNorm =
  (p: number): Fold =>
  (list) => {
    const sizes = list.map(Math.abs);
    if (p === inf) return Math.max(...sizes);
    if (p === -inf) return Math.min(...sizes);
    if (p === 0) return sizes.filter((x) => x !== 0).length;
    return sumOf(sizes.map((x) => x ** p)) ** (1 / p);
  };

const quantileOf =
  (q: number, place: (position: number) => number = (position) => position): Fold =>
  (list) => {
    const order = sorted(list);
    const at = place(q * (order.length - 1));
    const below = order[Math.floor(at)] as number;
    return below + (at - Math.floor(at)) * ((order[Math.ceil(at)] as number) - below);
  };

export const reductions = {
  sum: reductionRow("sum", g.sum, sumOf, {
    names: { torch: "sum", numpy: "sum", tfjs: "sum" },
    dtypes: widened,
    gradient: true,
    samples: [ofNothing(g.sum, 0), large(g.sum, 300)],
  }),
  mean: reductionRow("mean", g.mean, meanOf, {
    names: { torch: "mean", numpy: "mean", tfjs: "mean" },
    gradient: true,
    samples: [
      { ...ofNothing(g.mean, nan), smooth: false },
      {
        name: "of ones is exactly 1",
        inputs: [shaped([49], new Array<number>(49).fill(1))],
        call: (x) => g.mean(x as g.Tensor).sub(1),
        expected: values(0),
      },
    ],
  }),
  prod: reductionRow("prod", g.prod, (list) => list.reduce((a, b) => a * b, 1), {
    names: { torch: "prod", numpy: "prod", tfjs: "prod" },
    dtypes: widened,
    gradient: true,
    order: 3,
    samples: [ofNothing(g.prod, 1), large(g.prod, 1000000)],
    derivatives: [
      {
        name: "one zero, two zeros",
        inputs: [
          values([
            [2, 0, 3],
            [0, 0, 5],
            [2, 3, 4],
          ]),
        ],
        call: (x) => g.prod(x as g.Tensor, 1),
        expected: [[0, 6, 0, 0, 0, 0, 12, 8, 6]],
      },
    ],
  }),
  max: extreme("max", g.max, (list) => Math.max(...list), { torch: "amax", numpy: "max", tfjs: "max" }),
  min: extreme("min", g.min, (list) => Math.min(...list), { torch: "amin", numpy: "min", tfjs: "min" }),
  argmax: argument(
    "argmax",
    g.argmax,
    firstExtreme((a, b) => a > b),
    {
      torch: "argmax",
      numpy: "argmax",
      tfjs: "argMax",
    },
  ),
  argmin: argument(
    "argmin",
    g.argmin,
    firstExtreme((a, b) => a < b),
    {
      torch: "argmin",
      numpy: "argmin",
      tfjs: "argMin",
    },
  ),
  any: truthRow(
    "any",
    g.any,
    (list) => Number(list.some((x) => x !== 0)),
    { torch: "any", numpy: "any", tfjs: "any" },
    0,
  ),
  all: truthRow(
    "all",
    g.all,
    (list) => Number(list.every((x) => x !== 0)),
    { torch: "all", numpy: "all", tfjs: "all" },
    1,
  ),
  countNonzero: reductionRow("sum", g.countNonzero, (list) => list.filter((x) => x !== 0).length, {
    names: { torch: "count_nonzero", numpy: "count_nonzero" },
    dtypes: position,
    gradient: false,
    samples: [ofNothing(g.countNonzero, 0)],
  }),
  variance: reductionRow("variance", (x, axes, keepDims) => g.variance(x, axes, keepDims, 0), varianceOf(0), {
    names: { torch: "var", numpy: "var" },
    gradient: true,
    samples: [
      {
        name: "unbiased",
        inputs: [random([3, 4])],
        call: (x) => g.variance(x as g.Tensor, 1),
        expected: (x) => fold(x as Values, [1], varianceOf(1)),
      },
      {
        name: "of one element",
        inputs: [values([[1], [2]])],
        call: (x) => g.variance(x as g.Tensor, 1),
        expected: values([nan, nan]),
        smooth: false,
      },
      {
        name: "far from 0",
        inputs: [values([10000, 10001, 10002])],
        call: (x) => g.variance(x as g.Tensor),
        expected: values(1),
      },
    ],
  }),
  std: reductionRow(
    "variance",
    (x, axes, keepDims) => g.std(x, axes, keepDims, 0),
    (list) => Math.sqrt(varianceOf(0)(list)),
    {
      names: { torch: "std", numpy: "std" },
      gradient: true,
      samples: [
        {
          name: "unbiased",
          inputs: [random([3, 4])],
          call: (x) => g.std(x as g.Tensor, 1),
          expected: (x) => fold(x as Values, [1], (list) => Math.sqrt(varianceOf(1)(list))),
        },
      ],
      derivatives: [
        {
          name: "0 where all are equal",
          inputs: [
            values([
              [3, 3, 3],
              [1, 2, 3],
            ]),
          ],
          call: (x) => g.std(x as g.Tensor, 1),
          expected: [[0, 0, 0, -0.5, 0, 0.5]],
        },
      ],
    },
  ),
  standardize: {
    names: { torch: "nn.functional.layer_norm", tfjs: "moments" },
    dtypes: real,
    gradient: true,
    tolerance: 16,
    scale: "result",
    samples: (
      [
        [[2, 5], -1],
        [
          [3, 2, 2],
          [0, 2],
        ],
      ] as const
    ).map(([shape, axes]) => ({
      inputs: [random([...shape])],
      call: (x) => Object.values(g.standardize(x as g.Tensor, axes, 0.01)),
      expected: (x) => standardizedOf(x as Values, typeof axes === "number" ? [axes] : axes, 0.01),
    })),
    typed: {
      inputs: [values([[1, 3, 5, 0]])],
      call: (x) => Object.values(g.standardize(x as g.Tensor, -1)),
      expected: (x) => standardizedOf(x as Values, [-1], 1e-5),
    },
    derivatives: [
      {
        name: "finite where all are equal",
        inputs: [values([2, 2])],
        call: (x) => g.standardize(x as g.Tensor, 0).value.mul(g.tensor([1, 2], { dtype: "float64" })),
        expected: [[-0.5 / Math.sqrt(1e-5), 0.5 / Math.sqrt(1e-5)]],
      },
    ],
    errors: [
      {
        call: () => g.standardize(g.zeros([2]), 1),
        error: ShapeError,
        text: "[standardize] axis 1 is out of range for rank 1; use -1 to 0",
      },
    ],
  },
  logSumExp: reductionRow("logSumExp", g.logSumExp, (list) => Math.log(sumOf(list.map(Math.exp))), {
    names: { torch: "logsumexp", tfjs: "logSumExp" },
    gradient: true,
    order: 3,
    samples: [
      ofNothing(g.logSumExp, -inf),
      {
        name: "far out",
        inputs: [
          values([
            [1000, 1000],
            [-1000, -1000],
            [-inf, -inf],
            [inf, 0],
            [nan, 0],
          ]),
        ],
        call: (x) => g.logSumExp(x as g.Tensor, 1),
        expected: values([1000 + Math.LN2, -1000 + Math.LN2, -inf, inf, nan]),
        smooth: false,
      },
    ],
  }),
  norm: reductionRow("sum", (x, axes, keepDims) => g.norm(x, 2, axes, keepDims), powerNorm(2), {
    names: { torch: "linalg.vector_norm", numpy: "linalg.norm", tfjs: "norm" },
    gradient: true,
    samples: [
      ...([1, 3, 1.5, inf, -inf] as const).map(
        (p): Sample => ({
          name: `order ${p}`,
          inputs: [random([2, 3])],
          call: (x) => g.norm(x as g.Tensor, p, 1),
          expected: (x) => fold(x as Values, [1], powerNorm(p)),
        }),
      ),
      {
        name: "orders 0, -2 and fro",
        inputs: [
          values([
            [3, 0, -4],
            [0, 0, 0],
          ]),
        ],
        call: (x) => [
          g.norm(x as g.Tensor, 0, 1),
          g.norm(x as g.Tensor, -2, 1),
          g.norm(x as g.Tensor, "fro"),
          g.norm(x as g.Tensor, 2, 1, true),
        ],
        expected: [values([2, 0]), values([0, 0]), values(5), values([[5], [0]])],
        smooth: false,
      },
    ],
    derivatives: ([2, 1, 3, 1.5, 0.5] as const).map((p) => ({
      name: `order ${p} at 0`,
      inputs: [values([0, 0])],
      call: (x) => g.norm(x as g.Tensor, p),
      expected: [[0, 0]],
    })),
    errors: [
      {
        call: () => g.norm(g.zeros([2]), "nuc" as "fro"),
        error: ArgumentError,
        text: '[norm] unknown order nuc; use a number or "fro"',
      },
    ],
  }),
  median: reductionRow("median", g.median, (list) => sorted(list)[Math.floor((list.length - 1) / 2)] as number, {
    names: { torch: "median" },
    dtypes: same,
    gradient: true,
    samples: [
      {
        name: "NaN",
        inputs: [
          values([
            [1, nan, 2],
            [3, 1, 2],
          ]),
        ],
        call: (x) => g.median(x as g.Tensor, 1),
        expected: values([nan, 2]),
        smooth: false,
      },
    ],
    errors: [
      {
        call: () => g.median(g.zeros([0])),
        error: ShapeError,
        text: "[median] has no result over no elements, got [0]",
      },
    ],
  }),
  quantile: reductionRow("quantile", (x, axes, keepDims) => g.quantile(x, 0.3, axes, keepDims), quantileOf(0.3), {
    names: { torch: "quantile", numpy: "quantile" },
    gradient: true,
    samples: [
      {
        name: "several fractions",
        inputs: [random([3, 4])],
        call: (x) => g.quantile(x as g.Tensor, [0, 0.5, 1], 1),
        expected: (x) => {
          const rows = [0, 0.5, 1].flatMap((q) => fold(x as Values, [1], quantileOf(q)).data);
          return shaped([3, 3], rows);
        },
      },
      ...(
        [
          ["lower", Math.floor],
          ["higher", Math.ceil],
          ["nearest", Math.round],
          ["midpoint", (at) => Math.floor(at) + 0.5],
        ] as readonly [g.Interpolation, (at: number) => number][]
      ).map(
        ([name, place]): Sample => ({
          name,
          inputs: [random([2, 4])],
          call: (x) => g.quantile(x as g.Tensor, 0.4, 1, false, name),
          expected: (x) => fold(x as Values, [1], quantileOf(0.4, place)),
        }),
      ),
    ],
    errors: [
      {
        call: () => g.quantile(g.zeros([2]), 1.5),
        error: ArgumentError,
        text: "[quantile] a fraction lies in [0, 1], got 1.5",
      },
      {
        call: () => g.quantile(g.zeros([2]), 0.5, 0, false, "cubic" as "linear"),
        error: ArgumentError,
        text: '[quantile] unknown interpolation "cubic"; use one of linear, lower, higher, nearest, midpoint',
      },
    ],
  }),
} satisfies Rows;
