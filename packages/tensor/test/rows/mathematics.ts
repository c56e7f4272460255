import { ArgumentError, DTypeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { binaryRow, unaryRow } from "../support/elementwise.ts";
import type { Rows, Sample } from "../support/row.ts";
import { ends, storedRow } from "../support/stored.ts";
import { number } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { shaped, values, zip } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

/** IEEE 754 pow. */
const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === inf) ? 1 : a ** b);

const numberPower = (b: number, dtype: g.DType, from: readonly number[], to: readonly number[]): Sample => ({
  name: `${dtype} to ${b}`,
  inputs: [shaped([from.length], from, dtype)],
  call: (x) => g.pow(x as g.Tensor, b),
  expected: shaped([to.length], to),
});

const logAddExp = (a: number, b: number): number =>
  a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));

const xlogy = (a: number, b: number): number => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b));

export const mathematics = {
  sqrt: unaryRow({
    op: g.sqrt,
    f: Math.sqrt,
    domain: [0.2, 4],
    names: { torch: "sqrt", numpy: "sqrt", tfjs: "sqrt" },
    gradient: true,
    order: 3,
    derivatives: [
      { name: "infinite at 0", inputs: [values([0, 4])], call: (x) => g.sqrt(x as g.Tensor), expected: [[inf, 0.25]] },
    ],
  }),
  reciprocal: unaryRow({
    op: g.reciprocal,
    f: (x) => 1 / x,
    domain: [0.3, 3],
    names: { torch: "reciprocal", numpy: "reciprocal", tfjs: "reciprocal" },
    gradient: true,
    order: 3,
  }),
  exp: unaryRow({
    op: g.exp,
    f: Math.exp,
    edges: [0, -0, inf, -inf, nan, 88.5, 89.5, 710, -200, -800],
    names: { torch: "exp", numpy: "exp", tfjs: "exp" },
    gradient: true,
    order: 3,
  }),
  log: unaryRow({
    op: g.log,
    f: Math.log,
    domain: [0.2, 5],
    names: { torch: "log", numpy: "log", tfjs: "log" },
    gradient: true,
    order: 3,
  }),
  sin: unaryRow({
    op: g.sin,
    f: Math.sin,
    edges: [0, -0, inf, -inf, nan, 1e-30, 100, -1000],
    names: { torch: "sin", numpy: "sin", tfjs: "sin" },
    gradient: true,
    order: 3,
  }),
  cos: unaryRow({
    op: g.cos,
    f: Math.cos,
    edges: [0, -0, inf, -inf, nan, 1e-30, 100, -1000],
    names: { torch: "cos", numpy: "cos", tfjs: "cos" },
    gradient: true,
    order: 3,
  }),
  tanh: unaryRow({
    op: g.tanh,
    f: Math.tanh,
    names: { torch: "tanh", numpy: "tanh", tfjs: "tanh" },
    gradient: true,
    order: 3,
  }),
  pow: binaryRow({
    op: g.pow,
    f: power,
    domains: [
      [0.3, 3],
      [-2, 3],
    ],
    edges: [0, -0, 1, -1, 2, 3, 0.5, -2.5, inf, -inf, nan],
    names: { torch: "pow", numpy: "power", tfjs: "pow" },
    dtypes: number,
    typed: [
      [2, 3],
      [3, 4],
      [0, 0],
      [0, 2],
      [1, 5],
      [5, 1],
    ],
    gradient: true,
    order: 3,
    samples: [
      numberPower(2, "float32", [3, -2, 0], [9, 4, 0]),
      numberPower(3, "int32", [3, -2], [27, -8]),
      numberPower(0.5, "int32", [4, 9], [2, 3]),
      numberPower(-1, "float64", [4, -2], [0.25, -0.5]),
      numberPower(1.5, "float64", [4, 9], [8, 27]),
      {
        name: "negative powers of integers",
        inputs: [values([1, -1, -1, 2], "int32"), values([-3, -3, -2, -1], "int32")],
        call: (a, b) => g.pow(a as g.Tensor, b as g.Tensor),
        expected: values([1, -1, 1, 0], "int32"),
      },
      {
        name: "negative bases to whole powers",
        inputs: [values([-1.5, -0.5])],
        call: (x) => g.pow(x as g.Tensor, 3),
        expected: (x) => zip((a) => a ** 3, x as Values),
      },
    ],
    derivatives: [
      {
        name: "at base 0",
        inputs: [values([0, 0, 0, 0, 2]), values([0, 1, 2, 0.5, 0])],
        call: (a, b) => g.pow(a as g.Tensor, b as g.Tensor),
        expected: [
          [0, 1, 0, inf, 0],
          [0, 0, 0, 0, Math.LN2],
        ],
      },
      {
        name: "negative bases",
        inputs: [values([-2, -2]), values([3, 2])],
        call: (a, b) => g.pow(a as g.Tensor, g.stopGradient(b as g.Tensor)),
        expected: [
          [12, -4],
          [0, 0],
        ],
      },
    ],
    errors: [
      {
        call: () => g.pow(g.tensor([2], { dtype: "int32" }), -1),
        error: ArgumentError,
        text: '[pow] integers have no power -1, got int32; use cast("float32") first',
      },
      {
        call: () => g.pow(g.tensor([true]), g.tensor([true])),
        error: DTypeError,
        text: "[pow] takes numbers, got bool; use cast(...) first",
      },
    ],
  }),
  exp2: storedRow("exp2", g.exp2, { torch: "exp2", numpy: "exp2" }, ends(inf, 0), [-1.25, 0.5, 2.25]),
  expm1: storedRow("expm1", g.expm1, { torch: "expm1", numpy: "expm1", tfjs: "expm1" }, ends(inf, -1), [
    -1.25,
    2 ** -20,
    0.5,
    2.25,
  ]),
  log1p: storedRow("log1p", g.log1p, { torch: "log1p", numpy: "log1p", tfjs: "log1p" }, ends(inf, nan), [
    -0.5,
    2 ** -20,
    0.5,
    2.25,
  ]),
  log2: unaryRow({
    op: g.log2,
    f: Math.log2,
    domain: [0.2, 5],
    names: { torch: "log2", numpy: "log2" },
    gradient: true,
  }),
  log10: unaryRow({
    op: g.log10,
    f: Math.log10,
    domain: [0.2, 5],
    names: { torch: "log10", numpy: "log10" },
    gradient: true,
  }),
  sigmoid: storedRow(
    "sigmoid",
    g.sigmoid,
    { torch: "sigmoid", tfjs: "sigmoid" },
    ends(1, 0),
    [-2.25, -0.25, 0, 0.25, 4],
  ),
  logit: storedRow("logit", g.logit, { torch: "logit" }, ends(nan, nan), [0.125, 0.375, 0.75], {
    scale: 1,
    samples: [
      {
        name: "clamped",
        inputs: [values([-1, 0, 0.5, 1])],
        call: (x) => g.logit(x as g.Tensor, 0.25),
        expected: values([-Math.log(3), -Math.log(3), 0, Math.log(3)]),
        smooth: false,
      },
    ],
  }),
  logAddExp: binaryRow({
    op: g.logAddExp,
    f: logAddExp,
    scale: "result",
    names: { torch: "logaddexp", numpy: "logaddexp" },
    gradient: true,
    order: 3,
    points: [
      [1000, 1000],
      [-1000, -1001],
    ],
    derivatives: [
      {
        name: "equal operands share, infinite ones too",
        inputs: [values([1, -inf, -inf, 0]), values([1, -inf, 0, -inf])],
        call: (a, b) => g.logAddExp(a as g.Tensor, b as g.Tensor),
        expected: [
          [0.5, 0.5, 0, 1],
          [0.5, 0.5, 1, 0],
        ],
      },
    ],
  }),
  logAddExp2: binaryRow({
    op: g.logAddExp2,
    f: (a, b) => logAddExp(a * Math.LN2, b * Math.LN2) / Math.LN2,
    scale: "result",
    names: { torch: "logaddexp2", numpy: "logaddexp2" },
    gradient: true,
  }),
  xlogy: binaryRow({
    op: g.xlogy,
    f: xlogy,
    domains: [
      [-3, 3],
      [0.3, 3],
    ],
    edges: [0, 1, -2.5, inf, -inf, nan],
    names: { torch: "xlogy" },
    gradient: true,
    derivatives: [
      {
        name: "at 0",
        inputs: [values([0, 0, 2]), values([0, 2, 1])],
        call: (a, b) => g.xlogy(a as g.Tensor, b as g.Tensor),
        expected: [
          [0, 0, 0],
          [0, 0, 2],
        ],
      },
    ],
  }),
} satisfies Rows;
