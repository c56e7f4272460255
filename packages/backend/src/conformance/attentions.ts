import type { AttentionKernel } from "../kernel.ts";
import { contiguousStrides, type Shape } from "../shape.ts";
import { contiguousView, expandView, padView, permuteView, sliceView, type View } from "../view.ts";
import type { Case, Operand, Tolerance } from "./case.ts";
import { operand, plain } from "./case.ts";
import { exactNumbers, listed, uniform } from "./random.ts";

interface Given {
  /** q, k, v and, or not, a mask. */
  readonly operands: readonly Operand[];
  readonly scale?: number;
  readonly causal?: boolean;
  readonly results?: AttentionKernel["results"];
  readonly outputs?: AttentionKernel["outputs"];
  readonly tolerance?: Tolerance;
  readonly expected?: readonly (ArrayLike<number> | undefined)[];
}

const both = ["values", "logSumExp"] as const;

const attention = (name: string, { operands, scale = 0.25, causal = false, results = both, ...given }: Given): Case => {
  const [q, , v] = operands as readonly [Operand, Operand, Operand];
  const shape = [...q.view.shape.slice(0, -1), v.view.shape.at(-1) as number];
  const outputs = results.map((result) => ({
    dtype: q.dtype === "float64" ? ("float64" as const) : ("float32" as const),
    strides: contiguousStrides(result === "values" ? shape : shape.slice(0, -1)),
  }));
  const inputs = operands.map(({ dtype, view }) => ({ dtype, view }));
  return plain(
    `attention/${name}${causal ? " causal" : ""}`,
    { kind: "attention", shape, scale, causal, results, inputs, outputs: given.outputs ?? outputs },
    operands,
    { tolerance: given.tolerance ?? { ulps: 16, absolute: 16 }, expected: given.expected ?? [] },
  );
};

type Sizes = readonly [m: number, n: number, d: number, e: number];

const three = (batch: Shape, [m, n, d, e]: Sizes, dtype: Operand["dtype"] = "float32"): Operand[] => [
  operand(dtype, [...batch, m, d], exactNumbers(1)),
  operand(dtype, [...batch, n, d], exactNumbers(2)),
  operand(dtype, [...batch, n, e], exactNumbers(3)),
];

const sizes: readonly Sizes[] = [
  [1, 1, 1, 1],
  [2, 3, 4, 5],
  [7, 9, 8, 8],
  [17, 5, 33, 3],
  [5, 17, 3, 33],
  [33, 31, 8, 16],
  [64, 64, 64, 64],
  [65, 130, 16, 8],
  [1, 200, 64, 64],
  [3, 40, 100, 70],
  [40, 40, 128, 128],
  [9, 20, 200, 160],
  [0, 3, 4, 5],
  [3, 4, 5, 0],
  [3, 4, 0, 5],
];

const shaped = (): Case[] => [
  ...sizes.flatMap((size) =>
    [false, true].map((causal) =>
      attention(`size/${size.join("x")}`, { operands: three([], size), scale: 0.125, causal }),
    ),
  ),
  attention("no keys", {
    operands: three([], [3, 0, 4, 2]),
    expected: [new Array<number>(6).fill(0), new Array<number>(3).fill(-Infinity)],
  }),
  ...[[3], [2, 3], [0]].map((batch) =>
    attention(`batch/[${batch}]`, { operands: three(batch, [9, 17, 8, 12]), causal: true }),
  ),
  attention("values only", { operands: three([2], [5, 7, 4, 4]), results: ["values"] }),
  attention("logSumExp only", { operands: three([2], [5, 7, 4, 4]), results: ["logSumExp"] }),
  attention("logSumExp before values", { operands: three([2], [5, 7, 4, 4]), results: ["logSumExp", "values"] }),
  attention("values in two orders", {
    operands: three([2], [5, 7, 4, 4]),
    results: ["values", "values"],
    outputs: [
      { dtype: "float32", strides: [20, 4, 1] },
      { dtype: "float32", strides: [4, 8, 1] },
    ],
  }),
];

/** Views that only strides can tell. */
const viewed = (): Case[] => {
  const [b, h, m, n, d, e] = [2, 3, 9, 11, 8, 6];
  const of = (name: string, q: View, k: View, v: View, outputs?: AttentionKernel["outputs"]): Case =>
    attention(`view/${name}`, {
      operands: [q, k, v].map((view, i) => operand("float32", view, exactNumbers(i + 1))),
      ...(outputs === undefined ? {} : { outputs }),
    });
  const heads = (time: number, size: number): View => permuteView(contiguousView([b, time, h, size]), [0, 2, 1, 3]);
  const plainQ = contiguousView([m, d]);
  return [
    of("heads in the middle of memory", heads(m, d), heads(n, d), heads(n, e), [
      { dtype: "float32", strides: [m * h * e, e, h * e, 1] },
      { dtype: "float32", strides: [m * h, 1, h] },
    ]),
    of(
      "keys and values shared by heads",
      contiguousView([b, h, m, d]),
      expandView(contiguousView([b, 1, n, d]), [b, h, n, d]),
      expandView(contiguousView([b, 1, n, e]), [b, h, n, e]),
    ),
    of("queries shared", expandView(plainQ, [h, m, d]), contiguousView([h, n, d]), contiguousView([h, n, e])),
    of(
      "transposed",
      permuteView(contiguousView([d, m]), [1, 0]),
      permuteView(contiguousView([d, n]), [1, 0]),
      permuteView(contiguousView([e, n]), [1, 0]),
    ),
    of(
      "slices of one row",
      sliceView(contiguousView([m, 3 * d]), [0, 0], [m, d], [1, 1]),
      sliceView(contiguousView([m, 3 * d]), [0, d], [m, d], [1, 1]),
      sliceView(contiguousView([m, 3 * d]), [0, 2 * d], [m, d], [1, 1]),
    ),
    of(
      "flipped and padded",
      sliceView(plainQ, [m - 1, 0], [m, d], [-1, 1]),
      padView(contiguousView([n - 3, d]), [1, 0], [2, 0]),
      padView(contiguousView([n, e - 2]), [0, 1], [0, 1]),
    ),
  ];
};

const masked = (): Case[] => {
  const [b, m, n] = [2, 19, 37];
  const shape = [b, m, n];
  const seen = operand("bool", shape, exactNumbers(4));
  const added = operand("float32", shape, exactNumbers(5));
  const operands = (mask: Operand): Operand[] => [...three([b], [m, n, 8, 8]), mask];
  const hidden = listed([0, -Infinity, -1, -Infinity, 2]);
  return [
    ...[false, true].map((causal) => attention("mask/bool", { operands: operands(seen), causal })),
    ...[false, true].map((causal) => attention("mask/added", { operands: operands(added), causal })),
    attention("mask/minus infinity", { operands: operands(operand("float32", shape, hidden)) }),
    attention("mask/one for all rows", {
      operands: operands(operand("bool", expandView(contiguousView([n]), shape), exactNumbers(6))),
    }),
    attention("mask/one for each batch", {
      operands: operands(operand("float32", expandView(contiguousView([b, 1, n]), shape), exactNumbers(6))),
    }),
    attention("mask/half", { operands: operands(operand("float16", shape, exactNumbers(7))) }),
    attention("mask/nothing seen", {
      operands: operands(operand("bool", shape, listed([0]))),
      expected: [new Array<number>(b * m * 8).fill(0), new Array<number>(b * m).fill(-Infinity)],
    }),
    attention("mask/some rows see nothing", {
      operands: [
        ...three([], [2, 2, 1, 1]).slice(0, 2),
        operand("float32", [2, 1], listed([3, 5])),
        operand("float32", [2, 2], listed([-Infinity, 0, -Infinity, -Infinity])),
      ],
      results: ["values"],
      expected: [[5, 0]],
    }),
    attention("mask/first tiles see nothing", {
      operands: [
        ...three([], [4, 150, 4, 4]),
        operand("bool", expandView(contiguousView([150]), [4, 150]), (_, count) =>
          Array.from({ length: count }, (_, j) => Number(j > 120)),
        ),
      ],
    }),
  ];
};

const numbers = (): Case[] => [
  attention("numbers/large scores", {
    operands: [
      operand("float32", [2, 1], listed([1000, -1000])),
      operand("float32", [2, 1], listed([1, -1])),
      operand("float32", [2, 1], listed([1, 2])),
    ],
    scale: 1,
    expected: [
      [1, 2],
      [1000, 1000],
    ],
  }),
  attention("numbers/scores that grow", {
    operands: [
      operand("float32", [3, 1], listed([1, 2, -1])),
      operand("float32", [300, 1], (_, count) => Array.from({ length: count }, (_, j) => 4 * j)),
      operand("float32", [300, 2], uniform(-1, 1, 1)),
    ],
    scale: 1,
  }),
  attention("numbers/a row of NaN", {
    operands: [
      operand("float32", [2, 2], listed([1, 2, Number.NaN, 0])),
      operand("float32", [3, 2], listed([1, 2])),
      operand("float32", [3, 1], listed([5])),
    ],
    scale: 1,
    expected: [
      [5, Number.NaN],
      [5 + Math.log(3), Number.NaN],
    ],
  }),
  ...(["float32", "float16", "bfloat16", "float64"] as const).map((dtype) =>
    attention(`numbers/${dtype}`, {
      operands: [
        operand(dtype, [2, 70, 32], uniform(-2, 2, 1)),
        operand(dtype, [2, 90, 32], uniform(-2, 2, 2)),
        operand(dtype, [2, 90, 24], uniform(-2, 2, 3)),
      ],
      causal: true,
    }),
  ),
  ...(["float16", "bfloat16"] as const).map((dtype) =>
    attention(`numbers/${dtype} result`, {
      operands: three([2], [9, 21, 8, 7], dtype),
      results: ["values"],
      outputs: [{ dtype, strides: [63, 7, 1] }],
    }),
  ),
];

/** Attention: sizes, layouts, masks, scores that only fit with their maximum taken off. */
export const attentions = (): Case[] => [...shaped(), ...viewed(), ...masked(), ...numbers()];
