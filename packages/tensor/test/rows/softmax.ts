import { ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { OpRow, Rows } from "../support/row.ts";
import { real } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { alongAxis, random, shaped, values } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const softmaxOf = (line: number[]): number[] => {
  const most = Math.max(...line);
  const e = line.map((x) => Math.exp(x - most));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / total);
};

const logSoftmaxOf = (line: number[]): number[] => {
  const most = Math.max(...line);
  const total = Math.log(line.reduce((sum, x) => sum + Math.exp(x - most), 0));
  return line.map((x) => x - most - total);
};

const softmaxRow = (
  name: string,
  op: (x: g.Tensor, axis?: number) => g.Tensor,
  f: (line: number[]) => number[],
  names: OpRow["names"],
  extremes: Values,
): OpRow => ({
  names,
  dtypes: real,
  gradient: true,
  order: 3,
  tolerance: 8,
  scale: "result",
  samples: [
    {
      inputs: [random([2, 3])],
      call: (x) => op(x as g.Tensor),
      expected: (x) => alongAxis(x as Values, -1, f),
    },
    {
      inputs: [random([3, 2, 2])],
      call: (x) => op(x as g.Tensor, 0),
      expected: (x) => alongAxis(x as Values, 0, f),
    },
    {
      name: "far apart",
      inputs: [
        values([
          [1000, 0],
          [-1000, -1001],
        ]),
      ],
      call: (x) => op(x as g.Tensor, 1),
      expected: (x) => alongAxis(x as Values, 1, f),
      smooth: false,
    },
    {
      name: "infinities and NaN",
      inputs: [
        values([
          [-inf, 0],
          [-inf, -inf],
          [nan, 0],
        ]),
      ],
      call: (x) => op(x as g.Tensor),
      expected: extremes,
      smooth: false,
    },
    {
      name: "ties",
      inputs: [values([1, 1, 0])],
      call: (x) => op(x as g.Tensor),
      expected: (x) => alongAxis(x as Values, 0, f),
    },
    { inputs: [shaped([2, 0], [])], call: (x) => op(x as g.Tensor), expected: shaped([2, 0], []) },
  ],
  typed: {
    inputs: [
      values([
        [1, 0, 3],
        [2, 2, 1],
      ]),
    ],
    call: (x) => op(x as g.Tensor),
    expected: (x) => alongAxis(x as Values, -1, f),
  },
  errors: [
    {
      call: () => op(g.zeros([2, 3]), 2),
      error: ShapeError,
      text: `[${name}] axis 2 is out of range for rank 2; use -2 to 1`,
    },
  ],
});

export const softmax = {
  softmax: softmaxRow(
    "softmax",
    g.softmax,
    softmaxOf,
    { torch: "softmax", tfjs: "softmax" },
    values([
      [0, 1],
      [nan, nan],
      [nan, nan],
    ]),
  ),
  logSoftmax: softmaxRow(
    "logSoftmax",
    g.logSoftmax,
    logSoftmaxOf,
    { torch: "log_softmax", tfjs: "logSoftmax" },
    values([
      [-inf, 0],
      [nan, nan],
      [nan, nan],
    ]),
  ),
  softmin: softmaxRow(
    "softmin",
    g.softmin,
    (line) => softmaxOf(line.map((x) => -x)),
    { torch: "nn.functional.softmin" },
    values([
      [nan, nan],
      [nan, nan],
      [nan, nan],
    ]),
  ),
} satisfies Rows;
