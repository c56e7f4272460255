import { ArgumentError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { Fold } from "../support/reduction.ts";
import { meanOf, ofNothing, reductionRow, sumOf } from "../support/reduction.ts";
import type { Rows, Sample } from "../support/row.ts";
import { real, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { fold, random, shaped, values, zip } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

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

export const statistics = {
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
