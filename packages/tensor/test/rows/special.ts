import { ArgumentError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { binaryRow } from "../support/elementwise.ts";
import type { Rows } from "../support/row.ts";
import { ends, special64, storedRow } from "../support/stored.ts";
import type { Values } from "../support/values.ts";
import { shaped, values, zip } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;
const both = [-1.25, -0.5, 2 ** -20, 0.5, 1.25];

/** Known at the inputs of `reference/special.json`; a scale of 1 stands for absolute precision near zeros. */
export const special = {
  erf: storedRow("erf", g.erf, { torch: "erf", tfjs: "erf" }, ends(1, -1), both),
  erfc: storedRow("erfc", g.erfc, { torch: "erfc" }, ends(0, 2), both, { tolerance: 8 }),
  erfinv: storedRow("erfinv", g.erfinv, { torch: "erfinv" }, ends(nan, nan), [-0.75, -0.5, 0.25, 0.75], {
    tolerance: 8,
  }),
  lgamma: storedRow("lgamma", g.lgamma, { torch: "lgamma" }, ends(inf, inf), [-1.25, 0.125, 1.25, 2.625, 5.5], {
    tolerance: 16,
    scale: 1,
  }),
  digamma: storedRow("digamma", g.digamma, { torch: "digamma" }, ends(inf, nan), [-1.25, 0.125, 1.25, 2.625, 5.5], {
    tolerance: 16,
    scale: 1,
  }),
  polygamma: storedRow(
    "polygamma1",
    (x) => g.polygamma(1, x),
    { torch: "polygamma" },
    [[nan, nan]],
    [-1.25, 0.125, 1.25, 2.625, 5.5],
    {
      tolerance: 64,
      order: 2,
      samples: [2, 3].map((order) => {
        const { f, inputs } = special64(`polygamma${order as 2 | 3}`);
        return {
          name: `order ${order}`,
          inputs: [shaped([inputs.length], inputs)],
          call: (x) => g.polygamma(order, x as g.Tensor),
          expected: (x) => zip(f, x as Values),
          smooth: false,
        };
      }),
      errors: [
        {
          call: () => g.polygamma(-1, g.zeros([2])),
          error: ArgumentError,
          text: "[polygamma] the order is a whole number from 0 to 50, got -1",
        },
      ],
    },
  ),
  sinc: storedRow("sinc", g.sinc, { torch: "sinc", numpy: "sinc" }, [[nan, nan]], [-0.5, 0, 2 ** -7, 0.25, 1.5], {
    tolerance: 16,
    scale: "result",
  }),
  tan: storedRow("tan", g.tan, { torch: "tan", numpy: "tan", tfjs: "tan" }, ends(nan, nan), both),
  asin: storedRow("asin", g.asin, { torch: "asin", numpy: "arcsin", tfjs: "asin" }, ends(nan, nan), [-0.5, 0, 0.875]),
  acos: storedRow("acos", g.acos, { torch: "acos", numpy: "arccos", tfjs: "acos" }, ends(nan, nan), [-0.5, 0, 0.875]),
  atan: storedRow(
    "atan",
    g.atan,
    { torch: "atan", numpy: "arctan", tfjs: "atan" },
    ends(Math.PI / 2, -Math.PI / 2),
    both,
  ),
  sinh: storedRow("sinh", g.sinh, { torch: "sinh", numpy: "sinh", tfjs: "sinh" }, ends(inf, -inf), both, {
    tolerance: 8,
  }),
  cosh: storedRow("cosh", g.cosh, { torch: "cosh", numpy: "cosh", tfjs: "cosh" }, ends(inf, inf), both, {
    tolerance: 8,
  }),
  asinh: storedRow("asinh", g.asinh, { torch: "asinh", numpy: "arcsinh", tfjs: "asinh" }, ends(inf, -inf), both),
  acosh: storedRow(
    "acosh",
    g.acosh,
    { torch: "acosh", numpy: "arccosh", tfjs: "acosh" },
    ends(inf, nan),
    [1.25, 2.5, 5.5],
  ),
  atanh: storedRow("atanh", g.atanh, { torch: "atanh", numpy: "arctanh", tfjs: "atanh" }, ends(nan, nan), [
    -0.875,
    2 ** -20,
    0.5,
  ]),
  atan2: binaryRow({
    op: g.atan2,
    f: Math.atan2,
    domains: [
      [0.5, 3],
      [-3, 3],
    ],
    names: { torch: "atan2", numpy: "arctan2", tfjs: "atan2" },
    gradient: true,
    order: 3,
  }),
  hypot: binaryRow({
    op: g.hypot,
    f: Math.hypot,
    domains: [
      [0.5, 3],
      [-3, -0.5],
    ],
    edges: [0, -0, 1, -2.5, 1e30, -1e-30, inf, -inf],
    names: { torch: "hypot", numpy: "hypot" },
    gradient: true,
    derivatives: [
      {
        name: "0 at the origin",
        inputs: [values([0, 3]), values([0, -4])],
        call: (a, b) => g.hypot(a as g.Tensor, b as g.Tensor),
        expected: [
          [0, 0.6],
          [0, -0.8],
        ],
      },
    ],
  }),
} satisfies Rows;
