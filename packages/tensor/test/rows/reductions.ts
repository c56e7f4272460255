import { ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { Fold, Reduce } from "../support/reduction.ts";
import { meanOf, ofNothing, reductionRow, sumOf } from "../support/reduction.ts";
import type { BadCall, OpRow, Rows, Sample } from "../support/row.ts";
import { position, same, truth, widened } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { fold, random, shaped, values } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

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

const extreme = (name: string, op: Reduce, f: Fold, names: OpRow["names"]): OpRow =>
  reductionRow(name, op, f, {
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

const truthRow = (name: string, op: Reduce, f: Fold, names: OpRow["names"], empty: number): OpRow =>
  reductionRow(name, op, f, { names, dtypes: truth, gradient: false, samples: [ofNothing(op, empty)] }, (shape) =>
    shaped(shape, random(shape).data.map(Math.trunc)),
  );

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
} satisfies Rows;
