import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import type { Coordinate, ScatterKernel } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { contiguousStrides } from "../shape.ts";
import { contiguousView, expandView, padView, permuteView } from "../view.ts";
import type { Case, Operand } from "./case.ts";
import { operand, plain } from "./case.ts";
import { exactNumbers, integers, listed, type Source, uniform } from "./random.ts";

type Mode = ScatterKernel["mode"];

interface Given {
  readonly shape: Shape;
  readonly updates: Shape;
  readonly coordinates: readonly Coordinate[];
  readonly indices: readonly Operand[];
  readonly dtype?: DType;
  readonly initial?: Operand;
  readonly update?: Operand;
  readonly source?: Source;
  readonly strides?: readonly number[];
  readonly over?: number;
  readonly expected?: readonly number[];
  readonly loose?: true;
}

const scatter = (name: string, mode: Mode, given: Given): Case => {
  const { shape, updates, coordinates, indices, dtype = "float32", source = exactNumbers(1), over } = given;
  const operands = [
    given.initial ?? operand(dtype, shape, source),
    given.update ?? operand(dtype, updates, exactNumbers(2)),
    ...indices,
  ];
  return plain(
    `scatter/${name}/${mode}`,
    {
      kind: "scatter",
      mode,
      shape,
      updates,
      coordinates,
      inputs: operands.map(({ dtype: type, view }) => ({ dtype: type, view })),
      outputs: [{ dtype, strides: given.strides ?? contiguousStrides(shape), ...(over === undefined ? {} : { over }) }],
    },
    operands,
    { expected: [given.expected], ...(given.loose ? { tolerance: { ulps: 16, absolute: 64 } } : {}) },
  );
};

const modes = Object.keys({ set: 0, add: 0, mul: 0, max: 0, min: 0 } satisfies Record<Mode, 0>) as Mode[];

const index = (shape: Shape, over: Shape, values: readonly number[]): Operand =>
  operand("int32", expandView(contiguousView(shape), over), listed(values));

const repeated = [2, 0, 2, -1, 4, 5, -6, 0, 2];

const layouts = (mode: Mode): Case[] => [
  scatter("rows", mode, {
    shape: [5, 7],
    updates: [9, 7],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [index([9, 1], [9, 7], repeated)],
  }),
  scatter("elements", mode, {
    shape: [6, 5],
    updates: [40],
    coordinates: [{ input: 2 }, { input: 3 }],
    indices: [operand("int32", [40], integers(-7, 6, 1)), operand("int32", [40], integers(-5, 4, 2))],
  }),
  scatter("along an axis", mode, {
    shape: [3, 6, 5],
    updates: [3, 4, 5],
    coordinates: [{ dim: 0 }, { input: 2 }, { dim: 2 }],
    indices: [operand("int32", [3, 4, 5], integers(-6, 5, 3))],
  }),
  scatter("one per row", mode, {
    shape: [7, 4],
    updates: [7],
    coordinates: [{ dim: 0 }, { input: 2 }],
    indices: [index([7], [7], [0, 3, 1, -1, 4, -4, 2])],
  }),
  scatter("no index tensor", mode, { shape: [4, 4], updates: [4], coordinates: [{ dim: 0 }, { dim: 0 }], indices: [] }),
  scatter("updates larger than the target", mode, {
    shape: [3, 4],
    updates: [5, 6],
    coordinates: [{ dim: 0 }, { dim: 1 }],
    indices: [],
  }),
  scatter("everything in one place", mode, {
    shape: [3],
    updates: [11],
    coordinates: [{ input: 2 }],
    indices: [index([1], [11], [1])],
    source: listed([1]),
    update: operand("float32", [11], listed([1, 2, -1, 0.5, 1, -2])),
  }),
  scatter("in place", mode, {
    shape: [5, 3],
    updates: [4, 3],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [index([4, 1], [4, 3], [1, 1, 4, 0])],
    over: 0,
  }),
  scatter("no updates", mode, {
    shape: [5, 3],
    updates: [0, 3],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [operand("int32", [0, 3], integers(0, 1))],
  }),
  scatter("empty target", mode, {
    shape: [0, 3],
    updates: [2, 3],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [index([2, 1], [2, 3], [0, -1])],
  }),
  scatter("rank 0", mode, { shape: [], updates: [], coordinates: [], indices: [] }),
];

const nan = Number.NaN;

const values = (mode: Mode, expected: readonly number[]): Case =>
  scatter("repeated indices, NaN", mode, {
    shape: [6],
    updates: [9],
    coordinates: [{ input: 2 }],
    indices: [index([9], [9], [0, 0, 1, 1, 2, 3, 3, -1, 6])],
    initial: operand("float32", [6], listed([1, 2, nan, 4, 5, 6])),
    update: operand("float32", [9], listed([3, -2, 5, nan, 7, Infinity, -1, 0.5, 100])),
    expected,
  });

const edges = (): Case[] => [
  values("set", [-2, nan, 7, -1, 5, 0.5]),
  values("add", [2, nan, nan, Infinity, 5, 6.5]),
  values("mul", [-6, nan, nan, -Infinity, 5, 3]),
  values("max", [3, nan, nan, Infinity, 5, 6]),
  values("min", [-2, nan, nan, -1, 5, 0.5]),
  ...(["add", "mul"] as const).map((mode) =>
    scatter("wrapping", mode, {
      dtype: "int32",
      shape: [3],
      updates: [50],
      coordinates: [{ input: 2 }],
      indices: [operand("int32", [50], integers(0, 2, 9))],
      initial: operand("int32", [3], listed([2147483647, -5, 1])),
      update: operand("int32", [50], integers(-2147483648, 2147483647, 4)),
    }),
  ),
  scatter("zeros that are not stored", "add", {
    shape: [6, 3],
    updates: [10, 3],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [index([10, 1], [10, 3], [0, 5, 2, 2, 2])],
    initial: operand("float32", expandView(contiguousView([1]), [6, 3]), listed([0])),
  }),
  scatter("views", "add", {
    shape: [5, 4],
    updates: [6, 4],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [index([6, 1], [6, 4], [0, 4, 1, 1, 3, 0])],
    initial: operand("float32", permuteView(contiguousView([4, 5]), [1, 0]), exactNumbers(3)),
    update: operand("float32", padView(contiguousView([5, 2]), [1, 1], [0, 1]), exactNumbers(4)),
    strides: [1, 5],
  }),
  scatter("one update for all", "add", {
    shape: [4],
    updates: [100],
    coordinates: [{ input: 2 }],
    indices: [operand("int32", [100], integers(0, 3, 5))],
    update: operand("float32", expandView(contiguousView([1]), [100]), listed([1])),
  }),
  scatter("accuracy", "add", {
    shape: [10, 4],
    updates: [1000, 4],
    coordinates: [{ input: 2 }, { dim: 1 }],
    indices: [operand("int32", expandView(contiguousView([1000, 1]), [1000, 4]), integers(0, 9, 6))],
    update: operand("float32", [1000, 4], uniform(-1, 1, 7)),
    loose: true,
  }),
];

/** Sizes at which backends sort updates, cut long lists of them into pieces, or leave most of the target alone. */
const many = (mode: Mode): Case[] => {
  const powers = listed([1, 2, -1, 0.5, 1, -2, 0.5, -1]);
  const rows = (count: number, over: Shape, low: number, high: number): Operand =>
    operand("int32", expandView(contiguousView([count, 1]), over), integers(low, high, 5));
  return [
    scatter("thousands of rows", mode, {
      shape: [300, 8],
      updates: [9000, 8],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [rows(9000, [9000, 8], -300, 310)],
      update: operand("float32", [9000, 8], powers),
    }),
    scatter("thousands of updates for a few rows", mode, {
      shape: [4, 40],
      updates: [9000, 40],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [rows(9000, [9000, 40], 0, 1)],
      update: operand("float32", [9000, 40], mode === "mul" ? listed([1, -1, 1]) : powers),
    }),
    scatter("a list for each matrix", mode, {
      shape: [3, 600, 4],
      updates: [2, 1100, 4],
      coordinates: [{ dim: 0 }, { input: 2 }, { dim: 2 }],
      indices: [operand("int32", expandView(contiguousView([2, 1100, 1]), [2, 1100, 4]), integers(-600, 599, 6))],
      update: operand("float32", [2, 1100, 4], powers),
    }),
    scatter("bytes", mode, {
      dtype: "uint8",
      shape: [700, 3],
      updates: [800, 3],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [rows(800, [800, 3], 0, 699)],
    }),
    scatter("many integers", mode, {
      dtype: "int32",
      shape: [500, 6],
      updates: [600, 6],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [rows(600, [600, 6], -500, 510)],
    }),
    scatter("few rows of many, in place", mode, {
      shape: [90, 800],
      updates: [3, 800],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [index([3, 1], [3, 800], [89, 7, 7])],
      over: 0,
    }),
    scatter("one row of many, in place", mode, {
      shape: [90, 800],
      updates: [1, 800],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [index([1, 1], [1, 800], [-2])],
      over: 0,
    }),
  ];
};

const typed = (dtype: DType): Case[] =>
  (dtype === "bool" ? ["set" as const] : modes).map((mode) =>
    scatter(`dtype ${dtype}`, mode, {
      dtype,
      shape: [5, 3],
      updates: [4, 3],
      coordinates: [{ input: 2 }, { dim: 1 }],
      indices: [index([4, 1], [4, 3], [1, 4, 1, -5])],
      update: operand(dtype, [4, 3], listed([1, 2, 3, 1])),
    }),
  );

/** Scattering in all modes. */
export const scatters = (): Case[] => [
  ...modes.flatMap(layouts),
  ...edges(),
  ...modes.flatMap(many),
  ...dtypes.flatMap(typed),
];
