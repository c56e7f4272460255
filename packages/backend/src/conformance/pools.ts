import type { DType } from "../dtype.ts";
import { computeType } from "../dtype.ts";
import type { PoolKernel, Window } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { contiguousView, permuteView } from "../view.ts";
import { windowOutput } from "../windowOutput.ts";
import type { Case, Tolerance } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, listed, type Source } from "./random.ts";

type Mode = PoolKernel["mode"];
type Direction = PoolKernel["direction"];

interface Geometry extends Window {
  readonly shape: Shape;
  readonly window: readonly number[];
}

type Given = Pick<Geometry, "shape" | "window"> & Partial<Geometry>;

/** Windows stand side by side unless said otherwise. */
const complete = (given: Given): Geometry => {
  const one = given.window.map(() => 1);
  return { stride: given.window, dilation: one, padding: one.map(() => [0, 0] as const), ...given };
};

const geometries: Readonly<Record<string, Given>> = {
  "2x2": { shape: [2, 6, 8, 3], window: [2, 2] },
  "2x2, odd input": { shape: [2, 7, 9, 5], window: [2, 2] },
  "3x3 overlapping": {
    shape: [2, 7, 8, 4],
    window: [3, 3],
    stride: [2, 2],
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  "3x3 by one": {
    shape: [1, 6, 5, 17],
    window: [3, 3],
    stride: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
  },
  asymmetric: {
    shape: [1, 7, 6, 2],
    window: [3, 2],
    stride: [2, 3],
    padding: [
      [0, 2],
      [1, 0],
    ],
  },
  "stride larger than the window": { shape: [1, 9, 10, 3], window: [2, 2], stride: [4, 3] },
  dilated: { shape: [2, 9, 10, 3], window: [2, 3], stride: [1, 2], dilation: [3, 2] },
  global: { shape: [3, 5, 7, 6], window: [5, 7] },
  "1x1": { shape: [2, 3, 3, 5], window: [1, 1] },
  "empty batch": { shape: [0, 4, 4, 3], window: [2, 2] },
  "no channels": { shape: [2, 4, 4, 0], window: [2, 2] },
  "no output": { shape: [1, 2, 5, 3], window: [3, 3] },
  "1-D": { shape: [2, 17, 3], window: [3], stride: [2], padding: [[1, 1]] },
  "1-D long": { shape: [1, 100, 1], window: [7], stride: [5] },
  "1-D, windows far apart": { shape: [1, 350, 3], window: [2], stride: [100] },
  "1-D, long windows": { shape: [2, 300, 2], window: [70] },
  "3-D": {
    shape: [1, 4, 5, 6, 2],
    window: [2, 2, 3],
    padding: [
      [0, 0],
      [0, 1],
      [0, 0],
    ],
  },
};

const attributes = (g: Geometry, mode: Mode, direction: Direction, countPadding = true) =>
  ({
    kind: "pool",
    mode,
    direction,
    window: g.window,
    countPadding,
    stride: g.stride,
    padding: g.padding,
    dilation: g.dilation,
  }) as const;

const resultOf = (g: Geometry): Shape => [
  g.shape[0] as number,
  ...windowOutput(g, g.shape.slice(1, -1), g.window),
  g.shape.at(-1) as number,
];

/** Averages are sums times a quotient that need not be exact. */
const rounded: Tolerance = { ulps: 4, absolute: 4 };

const pool = (
  name: string,
  given: Given,
  mode: Mode,
  direction: Direction,
  countPadding = true,
  dtype: DType = "float32",
  source: Source = exactNumbers(1),
): Case => {
  const g = complete(given);
  const [from, to] = direction === "forward" ? [g.shape, resultOf(g)] : [resultOf(g), g.shape];
  const moved = operand(dtype, from, exactNumbers(2));
  return fused(
    `pool/${name}/${mode} ${direction}${mode === "average" && !countPadding ? " without padding" : ""}`,
    attributes(g, mode, direction, countPadding),
    to,
    mode === "max" ? [operand(dtype, g.shape, source), moved] : [moved],
    (n) => [{ node: n.accumulator(computeType(dtype)), dtype }],
    mode === "average" ? { tolerance: rounded } : {},
  );
};

const ways: readonly (readonly [Mode, Direction, boolean])[] = [
  ["max", "forward", true],
  ["max", "gradient", true],
  ["average", "forward", true],
  ["average", "gradient", true],
  ["average", "forward", false],
  ["average", "gradient", false],
];

const nan = Number.NaN;

const edges = (): Case[] => {
  const g = complete({ shape: [1, 8, 1], window: [2] });
  const x = operand("float32", g.shape, listed([3, 3, nan, 1, 2, nan, -Infinity, -Infinity]));
  const known = (
    name: string,
    direction: Direction,
    shape: Shape,
    second: readonly number[],
    expected: readonly number[],
  ): Case =>
    fused(
      `pool/edges/${name}`,
      attributes(g, "max", direction),
      shape,
      [x, operand("float32", direction === "forward" ? g.shape : [1, 4, 1], listed(second))],
      (n) => n.accumulator("float32"),
      { expected: [expected] },
    );
  const overlapping = complete({ shape: [1, 4, 1], window: [2], stride: [1] });
  return [
    known(
      "largest, with ties and NaN",
      "forward",
      [1, 4, 1],
      [3, 3, nan, 1, 2, nan, -Infinity, -Infinity],
      [3, nan, nan, -Infinity],
    ),
    known("another value at the largest", "forward", [1, 4, 1], [10, 11, 12, 13, 14, 15, 16, 17], [10, 12, 15, 16]),
    known("gradient goes to the first", "gradient", g.shape, [1, 2, 3, 4], [1, 0, 2, 0, 0, 3, 4, 0]),
    fused(
      "pool/edges/gradients add up",
      attributes(overlapping, "max", "gradient"),
      overlapping.shape,
      [operand("float32", overlapping.shape, listed([1, 5, 2, 2])), operand("float32", [1, 3, 1], listed([1, 2, 4]))],
      (n) => n.accumulator("float32"),
      { expected: [[0, 3, 4, 0]] },
    ),
    fused(
      "pool/edges/average of NaN and infinities",
      attributes(g, "average", "forward"),
      [1, 4, 1],
      [operand("float32", g.shape, listed([nan, 1, Infinity, 1, Infinity, -Infinity, 3, 4]))],
      (n) => n.accumulator("float32"),
      { expected: [[nan, Infinity, nan, 3.5]] },
    ),
    // Padding counts as nothing: a window of negative numbers stays negative.
    pool(
      "negative numbers beside padding",
      {
        shape: [1, 5, 5, 3],
        window: [3, 3],
        stride: [2, 2],
        padding: [
          [1, 1],
          [1, 1],
        ],
      },
      "max",
      "forward",
      true,
      "float32",
      listed([-3, -5, -2, -9]),
    ),
    pool(
      "only ties",
      { shape: [2, 6, 6, 3], window: [3, 3], stride: [1, 1] },
      "max",
      "gradient",
      true,
      "float32",
      listed([1]),
    ),
  ];
};

const fusions = (): Case[] => {
  const g = complete({ shape: [2, 6, 8, 5], window: [2, 2] });
  const y = resultOf(g);
  const x = operand("float32", g.shape, exactNumbers(1));
  const channelsFirst = operand("float32", permuteView(contiguousView([2, 5, 6, 8]), [0, 2, 3, 1]), exactNumbers(2));
  return [
    fused(
      "pool/epilogue/max and rectifier",
      attributes(g, "max", "forward"),
      y,
      [x, x, operand("float32", y, exactNumbers(3))],
      (n) => [
        n.binary("max", n.accumulator("float32"), n.constant("float32", 0)),
        { node: n.binary("add", n.load(2), n.accumulator("float32")), over: 2 },
      ],
    ),
    fused("pool/epilogue/average to half", attributes(g, "average", "forward"), y, [x], (n) => [
      { node: n.accumulator("float32"), dtype: "float16", strides: [60, 20, 5, 1].map((s) => s * 2) },
    ]),
    fused(
      "pool/epilogue/gradient through a rectifier",
      attributes(g, "max", "gradient"),
      g.shape,
      [x, operand("float32", y, exactNumbers(4))],
      (n) =>
        n.select(
          n.compare("gt", n.load(0), n.constant("float32", 0)),
          n.accumulator("float32"),
          n.constant("float32", 0),
        ),
    ),
    fused("pool/view/channels first", attributes(g, "max", "forward"), y, [channelsFirst, channelsFirst], (n) =>
      n.accumulator("float32"),
    ),
    fused("pool/view/average, channels first", attributes(g, "average", "forward"), y, [channelsFirst], (n) =>
      n.accumulator("float32"),
    ),
  ];
};

/** Pooling in both modes and directions. */
export const pools = (): Case[] => [
  ...Object.entries(geometries).flatMap(([name, given]) =>
    ways.map(([mode, direction, countPadding]) => pool(name, given, mode, direction, countPadding)),
  ),
  ...(["float16", "float64"] as const).flatMap((dtype) =>
    ways.map(([mode, direction, countPadding]) =>
      pool(dtype, { shape: [1, 5, 6, 3], window: [2, 2], stride: [1, 2] }, mode, direction, countPadding, dtype),
    ),
  ),
  ...(["int32", "uint8"] as const).flatMap((dtype) =>
    (["forward", "gradient"] as const).map((direction) =>
      pool(dtype, { shape: [1, 5, 6, 3], window: [2, 2] }, "max", direction, true, dtype),
    ),
  ),
  ...edges(),
  ...fusions(),
];
