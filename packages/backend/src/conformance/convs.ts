import type { DType } from "../dtype.ts";
import { computeType } from "../dtype.ts";
import type { ConvKernel, Window } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { contiguousView, expandView, padView, permuteView, sliceView } from "../view.ts";
import { windowOutput } from "../windowOutput.ts";
import type { Case } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, listed, uniform } from "./random.ts";

/** A convolution of x [n, ...spatial, cin] with filters of `window` and `groups`. */
interface Geometry extends Window {
  readonly n: number;
  readonly spatial: Shape;
  readonly cin: number;
  readonly cout: number;
  readonly window: Shape;
  readonly groups: number;
}

type Given = Pick<Geometry, "spatial" | "cin" | "cout" | "window"> & Partial<Geometry>;

const complete = (given: Given): Geometry => {
  const rank = given.spatial.length;
  const one = new Array<number>(rank).fill(1);
  return { n: 1, groups: 1, stride: one, dilation: one, padding: one.map(() => [0, 0] as const), ...given };
};

const same = (...sizes: number[]) => sizes.map((n) => [n, n] as const);

const geometries: Readonly<Record<string, Given>> = {
  "1x1": { n: 2, spatial: [5, 7], cin: 3, cout: 5, window: [1, 1] },
  "1x1 many channels": { spatial: [4, 4], cin: 64, cout: 33, window: [1, 1] },
  "1x1 strided": { spatial: [7, 8], cin: 4, cout: 4, window: [1, 1], stride: [2, 3] },
  "3x3": { n: 2, spatial: [8, 9], cin: 3, cout: 8, window: [3, 3] },
  "3x3 same": { n: 2, spatial: [7, 7], cin: 8, cout: 16, window: [3, 3], padding: same(1, 1) },
  "3x3 strided": { n: 2, spatial: [9, 8], cin: 4, cout: 7, window: [3, 3], stride: [2, 2], padding: same(1, 1) },
  "3x3 asymmetric": {
    spatial: [6, 5],
    cin: 2,
    cout: 3,
    window: [3, 3],
    stride: [2, 1],
    padding: [
      [0, 1],
      [2, 0],
    ],
  },
  "3x3 dilated": { n: 2, spatial: [11, 9], cin: 3, cout: 4, window: [3, 3], dilation: [2, 3], padding: same(2, 2) },
  "3x3 dilated and strided": {
    spatial: [12, 13],
    cin: 3,
    cout: 2,
    window: [3, 2],
    dilation: [2, 3],
    stride: [3, 2],
    padding: [
      [1, 3],
      [0, 2],
    ],
  },
  "5x5 one channel": { n: 3, spatial: [12, 12], cin: 1, cout: 6, window: [5, 5] },
  "7x7 strided": { spatial: [20, 20], cin: 3, cout: 5, window: [7, 7], stride: [2, 2], padding: same(3, 3) },
  "odd channels": {
    n: 2,
    spatial: [5, 5],
    cin: 5,
    cout: 17,
    window: [2, 3],
    padding: [
      [0, 1],
      [1, 1],
    ],
  },
  "larger channels": { spatial: [5, 5], cin: 40, cout: 48, window: [3, 3], padding: same(1, 1) },
  "one output position": { n: 2, spatial: [4, 4], cin: 3, cout: 5, window: [4, 4] },
  "filter larger than the input": { spatial: [2, 3], cin: 2, cout: 3, window: [5, 5], padding: same(2, 2) },
  "stride larger than the window": { spatial: [10, 11], cin: 2, cout: 3, window: [2, 2], stride: [4, 3] },
  "padding larger than the window": {
    spatial: [3, 3],
    cin: 2,
    cout: 2,
    window: [2, 2],
    padding: same(4, 3),
    stride: [2, 2],
  },
  groups: { n: 2, spatial: [6, 6], cin: 6, cout: 9, window: [3, 3], groups: 3, padding: same(1, 1) },
  "groups of four": {
    spatial: [5, 6],
    cin: 16,
    cout: 16,
    window: [3, 3],
    groups: 4,
    stride: [2, 2],
    padding: same(1, 1),
  },
  "groups 1x1": { spatial: [4, 5], cin: 6, cout: 4, window: [1, 1], groups: 2 },
  depthwise: { n: 2, spatial: [7, 6], cin: 17, cout: 17, window: [3, 3], groups: 17, padding: same(1, 1) },
  "depthwise strided": {
    spatial: [8, 9],
    cin: 8,
    cout: 8,
    window: [3, 3],
    groups: 8,
    stride: [2, 2],
    padding: [
      [0, 1],
      [0, 1],
    ],
  },
  "depthwise with multiplier": {
    spatial: [6, 6],
    cin: 5,
    cout: 10,
    window: [3, 3],
    groups: 5,
    dilation: [2, 2],
    padding: same(2, 2),
  },
  "empty batch": { n: 0, spatial: [5, 5], cin: 3, cout: 4, window: [3, 3] },
  "no output": { spatial: [2, 5], cin: 3, cout: 4, window: [3, 3] },
  "no output channels": { spatial: [5, 5], cin: 3, cout: 0, window: [3, 3] },
  "1-D": { n: 3, spatial: [17], cin: 3, cout: 5, window: [3], padding: [[1, 1]] },
  "1-D causal, dilated": { n: 2, spatial: [20], cin: 4, cout: 4, window: [3], dilation: [4], padding: [[8, 0]] },
  "1-D strided groups": { spatial: [33], cin: 4, cout: 6, window: [5], stride: [3], groups: 2, padding: [[2, 2]] },
  "1-D one channel": { n: 5, spatial: [100], cin: 1, cout: 1, window: [7] },
  "3-D": { n: 2, spatial: [4, 5, 6], cin: 2, cout: 3, window: [2, 3, 3], padding: same(0, 1, 1) },
  "3-D strided, dilated": {
    spatial: [7, 6, 5],
    cin: 2,
    cout: 2,
    window: [2, 2, 3],
    stride: [2, 1, 2],
    dilation: [3, 2, 1],
    padding: [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
  },
  "3-D depthwise": { spatial: [4, 4, 4], cin: 3, cout: 3, window: [3, 3, 3], groups: 3, padding: same(1, 1, 1) },
};

const shapesOf = (g: Geometry) => ({
  x: [g.n, ...g.spatial, g.cin],
  filter: [...g.window, g.cin / g.groups, g.cout],
  y: [g.n, ...windowOutput(g, g.spatial, g.window), g.cout],
});

const roles = {
  forward: { inputs: ["x", "filter"], result: "y" },
  inputGradient: { inputs: ["y", "filter"], result: "x" },
  weightGradient: { inputs: ["x", "y"], result: "filter" },
} as const satisfies Record<ConvKernel["direction"], unknown>;

export const directions = Object.keys(roles) as ConvKernel["direction"][];

const attributes = (g: Geometry, direction: ConvKernel["direction"]) =>
  ({ kind: "conv", direction, groups: g.groups, stride: g.stride, padding: g.padding, dilation: g.dilation }) as const;

const bare = (name: string, given: Given, direction: ConvKernel["direction"], dtype: DType = "float32"): Case => {
  const g = complete(given);
  const shapes = shapesOf(g);
  const { inputs, result } = roles[direction];
  return fused(
    `conv/${name}/${direction}`,
    attributes(g, direction),
    shapes[result],
    inputs.map((role, i) => operand(dtype, shapes[role], exactNumbers(i + 1))),
    (n) => n.accumulator(computeType(dtype)),
  );
};

const typed: Given = { n: 2, spatial: [6, 7], cin: 3, cout: 5, window: [3, 3], stride: [2, 1], padding: same(1, 1) };

const fusions = (): Case[] => {
  const g = complete({ n: 2, spatial: [7, 6], cin: 3, cout: 5, window: [3, 3], padding: same(1, 1) });
  const { x, filter, y } = shapesOf(g);
  const inputs = [operand("float32", x, exactNumbers(1)), operand("float32", filter, exactNumbers(2))];
  const perChannel = (seed: number) => operand("float32", expandView(contiguousView([g.cout]), y), exactNumbers(seed));
  const residual = operand("float32", y, exactNumbers(5));
  const scaled = operand("float32", x, exactNumbers(6));
  const channelsFirst = permuteView(contiguousView([2, 3, 7, 6]), [0, 2, 3, 1]);
  const [height, width] = [7, 6];
  return [
    fused("conv/epilogue/bias and rectifier", attributes(g, "forward"), y, [...inputs, perChannel(3)], (n) =>
      n.binary("max", n.binary("add", n.accumulator("float32"), n.load(2)), n.constant("float32", 0)),
    ),
    fused(
      "conv/epilogue/scale, bias, residual in place",
      attributes(g, "forward"),
      y,
      [...inputs, perChannel(3), perChannel(4), residual],
      (n) => {
        const normal = n.binary("add", n.binary("mul", n.accumulator("float32"), n.load(2)), n.load(3));
        return [{ node: n.binary("add", normal, n.load(4)), over: 4 }];
      },
    ),
    fused("conv/epilogue/several outputs, channels first", attributes(g, "forward"), y, inputs, (n) => {
      const sum = n.accumulator("float32");
      const strides = [g.cout * height * width, width, 1, height * width];
      return [{ node: sum, strides }, n.compare("gt", sum, n.constant("float32", 0)), { node: sum, dtype: "float16" }];
    }),
    fused(
      "conv/epilogue/gradient through a rectifier",
      attributes(g, "inputGradient"),
      x,
      [operand("float32", y, exactNumbers(1)), operand("float32", filter, exactNumbers(2)), scaled],
      (n) => {
        const zero = n.constant("float32", 0);
        return n.select(n.compare("gt", n.load(2), zero), n.accumulator("float32"), zero);
      },
    ),
    fused(
      "conv/epilogue/decayed filter gradient",
      attributes(g, "weightGradient"),
      filter,
      [
        operand("float32", x, exactNumbers(1)),
        operand("float32", y, exactNumbers(2)),
        operand("float32", filter, exactNumbers(3)),
      ],
      (n) => n.binary("add", n.accumulator("float32"), n.binary("mul", n.load(2), n.scalar("float32", 0))),
      { scalars: [["float32", 0.5]] },
    ),
    fused(
      "conv/view/channels first input",
      attributes(g, "forward"),
      y,
      [operand("float32", channelsFirst, exactNumbers(1)), operand("float32", filter, exactNumbers(2))],
      (n) => n.accumulator("float32"),
    ),
    fused(
      "conv/view/filter by output channel",
      attributes(g, "forward"),
      y,
      [
        inputs[0] as (typeof inputs)[number],
        operand("float32", permuteView(contiguousView([5, 3, 3, 3]), [2, 3, 1, 0]), exactNumbers(2)),
      ],
      (n) => n.accumulator("float32"),
    ),
    fused(
      "conv/view/padded, sliced and flipped",
      attributes(g, "forward"),
      y,
      [
        operand("float32", padView(contiguousView([2, 5, 4, 3]), [0, 1, 1, 0], [0, 1, 1, 0]), exactNumbers(1)),
        operand(
          "float32",
          sliceView(contiguousView([3, 3, 3, 9]), [2, 2, 0, 3], [3, 3, 3, 5], [-1, -1, 1, 1]),
          exactNumbers(2),
        ),
      ],
      (n) => n.accumulator("float32"),
    ),
    fused(
      "conv/view/repeated output gradient",
      attributes(g, "weightGradient"),
      filter,
      [inputs[0] as (typeof inputs)[number], operand("float32", expandView(contiguousView([1]), y), exactNumbers(2))],
      (n) => n.accumulator("float32"),
    ),
  ];
};

const numbers = (): Case[] => {
  const g = complete({ n: 2, spatial: [8, 8], cin: 24, cout: 9, window: [3, 3], padding: same(1, 1) });
  const shapes = shapesOf(g);
  const special = complete({ spatial: [5], cin: 1, cout: 1, window: [2], padding: [[1, 1]] });
  return [
    ...directions.map((direction) =>
      fused(
        `conv/accuracy/${direction}`,
        attributes(g, direction),
        shapes[roles[direction].result],
        roles[direction].inputs.map((role, i) => operand("float32", shapes[role], uniform(-1, 1, i + 1))),
        (n) => n.accumulator("float32"),
        { tolerance: { ulps: 8, absolute: 64 } },
      ),
    ),
    fused(
      "conv/numbers/NaN and infinities",
      attributes(special, "forward"),
      [1, 6, 1],
      [
        operand("float32", [1, 5, 1], listed([1, Number.NaN, 3, Infinity, 5])),
        operand("float32", [2, 1, 1], listed([1, -2])),
      ],
      (n) => n.accumulator("float32"),
      { expected: [[-2, Number.NaN, Number.NaN, -Infinity, Infinity, 5]] },
    ),
  ];
};

/** Convolutions in all directions: every geometry, dtype, epilogue and view. */
export const convs = (): Case[] => [
  ...Object.entries(geometries).flatMap(([name, given]) => directions.map((direction) => bare(name, given, direction))),
  ...(["float16", "bfloat16", "float64", "int32", "int8"] as const).flatMap((dtype) =>
    directions.map((direction) => bare(dtype, typed, direction, dtype)),
  ),
  ...fusions(),
  ...numbers(),
];
