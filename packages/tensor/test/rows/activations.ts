import { ArgumentError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { OpRow, Rows, Sample } from "../support/row.ts";
import { activation } from "../support/stored.ts";
import { real, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { alongAxis, random, shaped, values, zip } from "../support/values.ts";

type Name = Parameters<typeof activation>[0];
type Variant = readonly [Name, (x: g.Tensor) => g.Tensor];

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

/** Stored inputs that are no kinks. */
const smooth = [-3.5, -1.5, -0.25, 0.25, 0.75, 1.5, 8.25];

/** A row of an activation, with variants of other arguments, against what PyTorch calculates. */
const activationRow = (
  variants: readonly [Variant, ...Variant[]],
  [above, below]: readonly [number, number],
  names: OpRow["names"],
  facts: Partial<OpRow> = {},
): OpRow => {
  const sample = ([name, call]: Variant, input: Values, more: Partial<Sample> = {}): Sample => ({
    name,
    inputs: [input],
    call: (x) => call(x as g.Tensor),
    expected: (x) => zip(activation(name).f, x as Values),
    ...more,
  });
  const [first] = variants;
  return {
    names,
    dtypes: real,
    gradient: true,
    scale: 1,
    errors: [],
    ...facts,
    samples: [
      sample(first, values([[0.25, -0.5, 1.5]]), { smooth: false }),
      sample(first, values([nan, inf, -inf]), { expected: values([nan, above, below]), smooth: false }),
      ...variants.flatMap((variant) => [
        sample(variant, values(smooth)),
        sample(variant, values(activation(variant[0]).inputs), { smooth: false }),
      ]),
      ...(facts.samples ?? []),
    ],
    typed: sample(first, values([-6, -3, -1, 0, 1, 3, 6])),
    derivatives: variants.map(([name, call]) => activation(name).derivative(call)),
  };
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The halves of each line, combined. */
const gated = (x: Values, axis: number, gate: (b: number) => number): Values =>
  alongAxis(x, axis, (line) => {
    const n = line.length / 2;
    return line.slice(0, n).map((a, i) => a * gate(line[n + i] as number));
  });

const gatedRow = (
  name: string,
  op: (x: g.Tensor, axis?: number) => g.Tensor,
  gate: (b: number) => number,
  names: OpRow["names"],
): OpRow => ({
  names,
  dtypes: real,
  gradient: true,
  tolerance: 16,
  scale: "result",
  samples: [
    {
      inputs: [random([2, 4])],
      call: (x) => op(x as g.Tensor),
      expected: (x) => gated(x as Values, -1, gate),
    },
    {
      inputs: [random([4, 3])],
      call: (x) => op(x as g.Tensor, 0),
      expected: (x) => gated(x as Values, 0, gate),
    },
    { inputs: [shaped([2, 0], [])], call: (x) => op(x as g.Tensor), expected: shaped([2, 0], []) },
  ],
  typed: {
    inputs: [values([1, 2, 0, 1])],
    call: (x) => op(x as g.Tensor),
    expected: (x) => gated(x as Values, -1, gate),
  },
  errors: [
    {
      call: () => op(g.zeros([2, 3])),
      error: ShapeError,
      text: `[${name}] axis -1 must have an even size, got [2,3]`,
    },
  ],
});

export const activations = {
  relu: activationRow(
    [["relu", g.relu]],
    [inf, 0],
    { torch: "nn.functional.relu", tfjs: "relu" },
    { dtypes: (dtype) => (dtype === "bool" ? "float32" : dtype) },
  ),
  relu6: activationRow([["relu6", g.relu6]], [6, 0], { torch: "nn.functional.relu6", tfjs: "relu6" }),
  leakyRelu: activationRow(
    [
      ["leakyRelu", g.leakyRelu],
      ["leakyRelu slope", (x) => g.leakyRelu(x, 0.25)],
    ],
    [inf, -inf],
    { torch: "nn.functional.leaky_relu", tfjs: "leakyRelu" },
  ),
  prelu: activationRow(
    [["leakyRelu slope", (x) => g.prelu(x, 0.25)]],
    [inf, -inf],
    { torch: "nn.functional.prelu", tfjs: "prelu" },
    {
      samples: [
        {
          name: "one slope per channel",
          inputs: [
            values([
              [-1.5, -2],
              [2, -0.5],
            ]),
            values([0.1, 0.3]),
          ],
          call: (x, slope) => g.prelu(x as g.Tensor, slope as g.Tensor),
          expected: (x, slope) => zip((a, s) => (a > 0 ? a : a * s), x as Values, slope as Values),
        },
      ],
    },
  ),
  elu: activationRow(
    [
      ["elu", g.elu],
      ["elu alpha", (x) => g.elu(x, 0.5)],
    ],
    [inf, -1],
    { torch: "nn.functional.elu", tfjs: "elu" },
  ),
  selu: activationRow([["selu", g.selu]], [inf, -1.0507009873554805 * 1.6732632423543772], {
    torch: "nn.functional.selu",
    tfjs: "selu",
  }),
  celu: activationRow(
    [
      ["celu", g.celu],
      ["celu alpha", (x) => g.celu(x, 0.5)],
    ],
    [inf, -1],
    { torch: "nn.functional.celu" },
    { errors: [{ call: () => g.celu(g.zeros([2]), 0), error: ArgumentError, text: "[celu] alpha must not be 0" }] },
  ),
  gelu: activationRow(
    [
      ["gelu", g.gelu],
      ["gelu tanh", (x) => g.gelu(x, { approximate: "tanh" })],
    ],
    [inf, nan],
    { torch: "nn.functional.gelu" },
    {
      order: 3,
      errors: [
        {
          call: () => g.gelu(g.zeros([2]), { approximate: "sigmoid" as "tanh" }),
          error: ArgumentError,
          text: '[gelu] unknown approximation "sigmoid"; use "none" or "tanh"',
        },
      ],
    },
  ),
  silu: activationRow([["silu", g.silu]], [inf, nan], { torch: "nn.functional.silu", tfjs: "silu" }, { order: 3 }),
  swish: activationRow(
    [["silu", g.swish]],
    [inf, nan],
    { torch: "nn.functional.silu" },
    {
      samples: [
        {
          name: "beta",
          inputs: [values([-1.5, 0.5, 2]), values([0.5, 1, 2])],
          call: (x, beta) => g.swish(x as g.Tensor, beta as g.Tensor),
          expected: (x, beta) => zip((a, b) => a * sigmoid(a * b), x as Values, beta as Values),
        },
      ],
    },
  ),
  softplus: activationRow(
    [
      ["softplus", g.softplus],
      ["softplus beta", (x) => g.softplus(x, 2, 10)],
    ],
    [inf, 0],
    { torch: "nn.functional.softplus", tfjs: "softplus" },
    {
      order: 3,
      errors: [
        {
          call: () => g.softplus(g.zeros([2]), 0),
          error: ArgumentError,
          text: "[softplus] beta is a number above 0, got 0",
        },
      ],
    },
  ),
  logSigmoid: activationRow(
    [["logSigmoid", g.logSigmoid]],
    [0, -inf],
    { torch: "nn.functional.logsigmoid", tfjs: "logSigmoid" },
    { order: 3 },
  ),
  mish: activationRow([["mish", g.mish]], [inf, nan], { torch: "nn.functional.mish" }),
  hardTanh: activationRow(
    [
      ["hardTanh", g.hardTanh],
      ["hardTanh bounds", (x) => g.hardTanh(x, -0.5, 3)],
    ],
    [1, -1],
    { torch: "nn.functional.hardtanh" },
    {
      errors: [
        {
          call: () => g.hardTanh(g.zeros([2]), 1, -1),
          error: ArgumentError,
          text: "[hardTanh] the lower bound is above the upper, got 1 and -1",
        },
      ],
    },
  ),
  hardSigmoid: activationRow([["hardSigmoid", g.hardSigmoid]], [1, 0], { torch: "nn.functional.hardsigmoid" }),
  hardSwish: activationRow([["hardSwish", g.hardSwish]], [inf, nan], { torch: "nn.functional.hardswish" }),
  softsign: activationRow([["softsign", g.softsign]], [nan, nan], { torch: "nn.functional.softsign" }),
  tanhshrink: activationRow([["tanhshrink", g.tanhshrink]], [inf, -inf], { torch: "nn.functional.tanhshrink" }),
  hardshrink: activationRow([["hardshrink", g.hardshrink]], [inf, -inf], { torch: "nn.functional.hardshrink" }),
  softshrink: activationRow(
    [["softshrink", g.softshrink]],
    [inf, -inf],
    { torch: "nn.functional.softshrink" },
    {
      errors: [
        {
          call: () => g.softshrink(g.zeros([2]), -1),
          error: ArgumentError,
          text: "[softshrink] lambda is a number >= 0, got -1",
        },
      ],
    },
  ),
  threshold: activationRow(
    [["threshold", (x) => g.threshold(x, 0.5, 7)]],
    [inf, 7],
    { torch: "nn.functional.threshold" },
    { dtypes: (dtype) => (dtype === "bool" ? "int32" : dtype) },
  ),
  glu: gatedRow("glu", g.glu, sigmoid, { torch: "nn.functional.glu" }),
  swiglu: gatedRow("swiglu", g.swiglu, (b) => b * sigmoid(b), {}),
  geglu: {
    ...gatedRow("geglu", g.geglu, () => 0, {}),
    samples: [
      {
        inputs: [values([[2, -3, 0.25, -1.5]])],
        call: (x) => g.geglu(x as g.Tensor),
        expected: values([[2 * activation("gelu").f(0.25), -3 * activation("gelu").f(-1.5)]]),
      },
    ],
    typed: {
      inputs: [values([1, 3, 1, 0])],
      call: (x) => g.geglu(x as g.Tensor),
      expected: (x) => shaped([2], [((x as Values).data[0] as number) * activation("gelu").f(1), 0]),
    },
  },
  maxout: {
    names: {},
    dtypes: same,
    gradient: true,
    samples: [
      {
        inputs: [random([2, 6])],
        call: (x) => g.maxout(x as g.Tensor, 3),
        expected: (x) => alongAxis(x as Values, -1, pairsOf),
      },
      {
        inputs: [random([4, 2])],
        call: (x) => g.maxout(x as g.Tensor, 2, 0),
        expected: (x) => alongAxis(x as Values, 0, pairsOf),
      },
    ],
    typed: {
      inputs: [values([1, 0, 0, 0])],
      call: (x) => g.maxout(x as g.Tensor, 2),
      expected: (x) => alongAxis(x as Values, 0, pairsOf),
    },
    errors: [
      {
        call: () => g.maxout(g.zeros([2, 5]), 2),
        error: ShapeError,
        text: "[maxout] axis -1 of [2,5] cannot be divided into 2 groups",
      },
      {
        call: () => g.maxout(g.zeros([2, 4]), 0),
        error: ArgumentError,
        text: "[maxout] units is a whole number >= 1, got 0",
      },
    ],
  },
} satisfies Rows;

/** The larger of each pair of neighbours. */
function pairsOf(line: number[]): number[] {
  return line.flatMap((a, i) => (i % 2 === 0 ? [Math.max(a, line[i + 1] as number)] : []));
}
