import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { position, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, positionsOf, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);
const int32 = (nested: Parameters<typeof values>[0]): Values => values(nested, "int32");
const indexTensor = (nested: number[]): g.Tensor => g.tensor(nested, { dtype: "int32" });

/** Counted from the end where it is below 0. */
const from = (index: number, n: number): number => (index < 0 ? index + n : index);

const inside = (index: number, n: number): boolean => from(index, n) >= 0 && from(index, n) < n;

/** Slices along an axis; NaN out of range. */
const taken = (x: Values, indices: Values, axis: number): Values => {
  const n = x.shape[axis] as number;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return generate(shape, (p) => {
    const index = at(indices, p.slice(axis, axis + indices.shape.length));
    if (!inside(index, n)) return Number.NaN;
    return at(x, [...p.slice(0, axis), from(index, n), ...p.slice(axis + indices.shape.length)]);
  });
};

const taking = (name: string, shape: readonly number[], indices: Values, axis: number): Sample => ({
  name,
  inputs: [random(shape), indices],
  call: (x, i) => g.take(x as g.Tensor, i as g.Tensor, axis),
  expected: (x, i) => taken(x as Values, i as Values, axis),
});

type Mode = NonNullable<g.ScatterOptions["mode"]>;

const folds: Readonly<Record<Mode, (a: number, b: number) => number>> = {
  set: (_, b) => b,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  max: Math.max,
  min: Math.min,
};

/** Folds each update into the place that `place` names; undefined drops it. */
const scattered = (
  x: Values,
  updates: Values,
  mode: Mode,
  place: (position: number[]) => readonly number[] | undefined,
): Values => {
  const data = [...x.data];
  const cell = (p: readonly number[]): number => p.reduce((sum, i, d) => sum * (x.shape[d] as number) + i, 0);
  for (const p of positionsOf(updates.shape)) {
    const to = place(p);
    if (to !== undefined) data[cell(to)] = folds[mode](data[cell(to)] as number, at(updates, p));
  }
  return { shape: x.shape, data };
};

/** The place along an axis that an index names. */
const along = (p: readonly number[], axis: number, index: number, n: number): number[] | undefined =>
  inside(index, n) ? p.map((i, d) => (d === axis ? from(index, n) : i)) : undefined;

const modes: readonly Mode[] = ["set", "add", "mul", "max", "min"];

const scattering = (mode: Mode, name: string, shape: readonly number[], indices: Values, axis: number): Sample => {
  const updates = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  return {
    name: `${mode} ${name}`,
    inputs: [random(shape), indices, random(updates, -2, 2, 2)],
    call: (x, i, u) => g.scatter(x as g.Tensor, i as g.Tensor, u as g.Tensor, { axis, mode }),
    expected: (x, i, u) => {
      const rank = indices.shape.length;
      return scattered(x as Values, u as Values, mode, (p) => {
        const index = at(i as Values, p.slice(axis, axis + rank));
        const n = shape[axis] as number;
        if (!inside(index, n)) return undefined;
        return [...p.slice(0, axis), from(index, n), ...p.slice(axis + rank)];
      });
    },
  };
};

const scatteringAlong = (
  mode: Mode,
  name: string,
  shape: readonly number[],
  indices: Values,
  axis: number,
): Sample => ({
  name: `${mode} ${name}`,
  inputs: [random(shape), indices, random(indices.shape, -2, 2, 2)],
  call: (x, i, u) => g.scatterAlongAxis(x as g.Tensor, i as g.Tensor, u as g.Tensor, { axis, mode }),
  expected: (x, i, u) =>
    scattered(x as Values, u as Values, mode, (p) => along(p, axis, at(i as Values, p), shape[axis] as number)),
});

const repeated = int32([2, 0, 2, -1, 1]);
const outside = int32([3, 0, -4, 1]);

export const indexing = {
  take: {
    names: { torch: "index_select", numpy: "take", tfjs: "gather" },
    samples: [
      taking(
        "rows of a table",
        [4, 3],
        int32([
          [2, 0],
          [3, -1],
        ]),
        0,
      ),
      taking("the last axis", [2, 4], repeated, 1),
      taking("a middle axis", [2, 3, 2], int32([[1], [-3]]), 1),
      taking("with a rank-0 index", [3, 2], int32(1), 0),
      taking("nothing", [3, 2], int32([]), 0),
      { ...taking("out of range", [3, 2], outside, 0), smooth: false },
      {
        name: "a list",
        inputs: [random([3, 2])],
        call: (x) =>
          g.take(x as g.Tensor, [
            [2, -1],
            [0, 0],
          ]),
        expected: (x) =>
          taken(
            x as Values,
            int32([
              [2, 2],
              [0, 0],
            ]),
            0,
          ),
      },
      {
        name: "a number",
        inputs: [random([3, 2])],
        call: (x) => g.take(x as g.Tensor, -1, 1),
        expected: (x) => generate([3], ([i]) => at(x as Values, [i as number, 1])),
      },
      {
        name: "integers out of range read 0",
        inputs: [int32([5, 6, 7]), int32([3, -4, 1])],
        call: (x, i) => g.take(x as g.Tensor, i as g.Tensor),
        expected: int32([0, 0, 6]),
      },
      {
        name: "uint32 indices beyond int32 are out of range",
        inputs: [int32([5, 6, 7]), values([4294967295, 2147483648, 2], "uint32")],
        call: (x, i) => g.take(x as g.Tensor, i as g.Tensor),
        expected: int32([0, 0, 7]),
      },
      {
        name: "uint8 indices",
        inputs: [random([300]), values([255, 0], "uint8")],
        call: (x, i) => g.take(x as g.Tensor, i as g.Tensor),
        expected: (x) => shaped([2], [(x as Values).data[255] as number, (x as Values).data[0] as number]),
      },
    ],
    dtypes: same,
    gradient: true,
    derivatives: [
      {
        name: "repeated rows add up, rows out of range get nothing",
        inputs: [
          values([
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
          int32([1, 1, 7, -3]),
        ],
        call: (x, i) => g.take(x as g.Tensor, i as g.Tensor),
        expected: [[1, 1, 2, 2, 0, 0]],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.take(zeros(3, 2), [0, 3]),
        "[take] index 3 is out of range for axis 0 of [3,2]; use -3 to 2",
      ),
      bad(
        ShapeError,
        () => g.take(zeros(3, 2), -3, 1),
        "[take] index -3 is out of range for axis 1 of [3,2]; use -2 to 1",
      ),
      bad(ArgumentError, () => g.take(zeros(3), [0.5]), "[take] an index is a whole number, got 0.5"),
      bad(ArgumentError, () => g.take(zeros(3), 0.5), "[take] an index is a whole number, got 0.5"),
      bad(
        ShapeError,
        () => g.take(zeros(3), [[0], [1, 2]]),
        "[take] lists of indices have one length per level; pad them, or use one list after the other",
      ),
      bad(
        DTypeError,
        () => g.take(zeros(3), zeros(2)),
        '[take] indices are integers, got float32; use cast("int32"), or maskedSelect for truth values',
      ),
    ],
  },
  indexSelect: {
    names: { torch: "index_select", numpy: "take", tfjs: "gather" },
    samples: [
      {
        name: "columns",
        inputs: [random([2, 3]), int32([2, 0])],
        call: (x, i) => g.indexSelect(x as g.Tensor, 1, i as g.Tensor),
        expected: (x, i) => taken(x as Values, i as Values, 1),
      },
      {
        name: "a list",
        inputs: [random([2, 3])],
        call: (x) => g.indexSelect(x as g.Tensor, -1, [-1]),
        expected: (x) => taken(x as Values, int32([2]), 1),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.indexSelect(zeros(2), 0, g.zeros([1, 1], { dtype: "int32" })),
        "[indexSelect] indices are a list, got [1,1]; use take",
      ),
      bad(
        ShapeError,
        () => g.indexSelect(zeros(2), 0, [2]),
        "[indexSelect] index 2 is out of range for axis 0 of [2]; use -2 to 1",
      ),
    ],
  },
  takeAlongAxis: {
    names: { torch: "take_along_dim", numpy: "take_along_axis" },
    samples: [
      {
        name: "one per row",
        inputs: [random([2, 3]), int32([[2], [-3]])],
        call: (x, i) => g.takeAlongAxis(x as g.Tensor, i as g.Tensor),
        expected: (x) => generate([2, 1], ([i]) => at(x as Values, [i as number, i === 0 ? 2 : 0])),
      },
      {
        name: "repeats and more than there are",
        inputs: [
          random([2, 2]),
          int32([
            [0, 0, 1],
            [1, 1, 1],
          ]),
        ],
        call: (x, i) => g.takeAlongAxis(x as g.Tensor, i as g.Tensor, 1),
        expected: (x, i) =>
          generate([2, 3], ([r, c]) => at(x as Values, [r as number, at(i as Values, [r, c] as number[])])),
      },
      {
        name: "broadcast both ways",
        inputs: [random([3, 1]), int32([[0, 2]])],
        call: (x, i) => g.takeAlongAxis(x as g.Tensor, i as g.Tensor, 0),
        expected: (x) => generate([1, 2], ([, j]) => at(x as Values, [j === 0 ? 0 : 2, 0])),
      },
      {
        name: "a list",
        inputs: [random([3])],
        call: (x) => g.takeAlongAxis(x as g.Tensor, [2, -3]),
        expected: (x) => shaped([2], [(x as Values).data[2] as number, (x as Values).data[0] as number]),
      },
      {
        name: "out of range",
        inputs: [random([3]), outside],
        call: (x, i) => g.takeAlongAxis(x as g.Tensor, i as g.Tensor),
        expected: (x, i) => taken(x as Values, i as Values, 0),
        smooth: false,
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.takeAlongAxis(zeros(2, 3), indexTensor([0])),
        "[takeAlongAxis] ranks differ, got [2,3] and indices [1]; use take",
      ),
      bad(
        ShapeError,
        () => g.takeAlongAxis(zeros(2, 3), g.zeros([3, 1], { dtype: "int32" })),
        "[takeAlongAxis] shapes do not broadcast, got [2,1] and [3,1]; axis -2 has sizes 2 and 3; sizes must be equal or 1",
      ),
    ],
  },
  gatherNd: {
    names: { tfjs: "gatherND" },
    samples: [
      {
        name: "elements",
        inputs: [
          random([2, 3]),
          int32([
            [0, 2],
            [-1, 0],
            [0, 2],
          ]),
        ],
        call: (x, i) => g.gatherNd(x as g.Tensor, i as g.Tensor),
        expected: (x) =>
          shaped(
            [3],
            [
              [0, 2],
              [1, 0],
              [0, 2],
            ].map((p) => at(x as Values, p)),
          ),
      },
      {
        name: "slices",
        inputs: [random([2, 3, 2]), int32([[[0, 1]], [[1, 2]]])],
        call: (x, i) => g.gatherNd(x as g.Tensor, i as g.Tensor),
        expected: (x) => generate([2, 1, 2], ([a, , c]) => at(x as Values, [a, (a as number) + 1, c] as number[])),
      },
      {
        name: "everything",
        inputs: [random([2]), shaped([2, 0], [], "int32")],
        call: (x, i) => g.gatherNd(x as g.Tensor, i as g.Tensor),
        expected: (x) => generate([2, 2], ([, j]) => at(x as Values, [j as number])),
      },
      {
        name: "out of range in one of two",
        inputs: [
          random([2, 2]),
          int32([
            [0, 2],
            [2, 0],
            [1, 1],
          ]),
        ],
        call: (x, i) => g.gatherNd(x as g.Tensor, i as g.Tensor),
        expected: (x) => shaped([3], [Number.NaN, Number.NaN, at(x as Values, [1, 1])]),
        smooth: false,
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.gatherNd(zeros(2), g.zeros([1, 2], { dtype: "int32" })),
        "[gatherNd] indices of 2 dimensions are too many, got [2] and [1,2]",
      ),
      bad(
        ShapeError,
        () => g.gatherNd(zeros(2), g.zeros([], { dtype: "int32" })),
        "[gatherNd] indices need a last axis, one entry per indexed dimension, got rank 0",
      ),
    ],
  },
  scatter: {
    names: { torch: "index_add", tfjs: "scatterND" },
    samples: [
      ...modes.flatMap((mode) => [
        scattering(mode, "with repeats", [3, 2], repeated, 0),
        scattering(
          mode,
          "on the last axis",
          [2, 3],
          int32([
            [0, 2],
            [2, 2],
          ]),
          1,
        ),
        scattering(mode, "out of range", [3], outside, 0),
      ]),
      scattering("add", "nothing", [3], int32([]), 0),
      {
        name: "a number at listed places",
        inputs: [random([4])],
        call: (x) => g.scatter(x as g.Tensor, [1, -1], 7),
        expected: (x) =>
          shaped(
            [4],
            (x as Values).data.map((v, i) => (i % 2 ? 7 : v)),
          ),
        only: ["float32", "float64"],
      },
      {
        name: "repeated updates",
        inputs: [random([3, 2]), random([2])],
        call: (x, u) => g.scatter(x as g.Tensor, [0, 2], u as g.Tensor, { mode: "add" }),
        expected: (x, u) =>
          generate(
            [3, 2],
            ([i, j]) => at(x as Values, [i, j] as number[]) + (i === 1 ? 0 : at(u as Values, [j as number])),
          ),
      },
      {
        name: "int8 wraps",
        inputs: [values([100, 0], "int8"), values([100, 1], "int8")],
        call: (x, u) => g.scatter(x as g.Tensor, [0, 1], u as g.Tensor, { mode: "add" }),
        expected: values([-56, 1], "int8"),
      },
    ],
    typed: scattering("set", "with repeats", [3, 2], repeated, 0),
    dtypes: same,
    gradient: true,
    order: 2,
    tolerance: 8,
    derivatives: [
      {
        name: "set: only the last update is seen",
        inputs: [values([1, 2, 3]), int32([0, 0, 2]), values([4, 5, 6])],
        call: (x, i, u) => g.scatter(x as g.Tensor, i as g.Tensor, u as g.Tensor),
        expected: [
          [0, 1, 0],
          [0, 1, 1],
        ],
      },
      {
        name: "max: ties share",
        inputs: [values([1, 2, 3]), int32([0, 0, 2]), values([1, 1, 2])],
        call: (x, i, u) => g.scatter(x as g.Tensor, i as g.Tensor, u as g.Tensor, { mode: "max" }),
        expected: [
          [1 / 3, 1, 1],
          [1 / 3, 1 / 3, 0],
        ],
      },
      {
        name: "mul: exact beside zeros",
        inputs: [values([0, 2, 3]), int32([0, 0, 1, 1, 2]), values([4, 5, 0, 7, 0])],
        call: (x, i, u) => g.scatter(x as g.Tensor, i as g.Tensor, u as g.Tensor, { mode: "mul" }),
        expected: [
          [20, 0, 0],
          [0, 0, 14, 0, 3],
        ],
      },
      {
        name: "add: out of range gets nothing",
        inputs: [values([1, 2]), int32([2, 1, -3]), values([1, 2, 3])],
        call: (x, i, u) => g.scatter(x as g.Tensor, i as g.Tensor, u as g.Tensor, { mode: "add" }),
        expected: [
          [1, 1],
          [0, 1, 0],
        ],
      },
    ],
    errors: [
      bad(
        ShapeError,
        () => g.scatter(zeros(3), [3], 1),
        "[scatter] index 3 is out of range for axis 0 of [3]; use -3 to 2",
      ),
      bad(
        ShapeError,
        () => g.scatter(zeros(3, 2), [0, 1], zeros(3)),
        "[scatter] updates do not fit the places [2,2], got [3]",
      ),
      bad(
        ArgumentError,
        () => g.scatter(zeros(3), [0], 1, { mode: "sub" as "add" }),
        '[scatter] unknown mode "sub"; use set, add, mul, max, min',
      ),
      bad(
        DTypeError,
        () => g.scatter(g.zeros([3], { dtype: "bool" }), [0], true, { mode: "add" }),
        '[scatter] mode "add" is for numbers, got bool; use cast("int32") first',
      ),
      bad(
        DTypeError,
        () => g.scatter(g.zeros([3], { dtype: "int32" }), [0], 0.5),
        "[scatter] int32 cannot hold 0.5; use cast(...) first",
      ),
    ],
  },
  scatterAlongAxis: {
    names: { torch: "scatter", numpy: "put_along_axis" },
    samples: [
      ...modes.flatMap((mode) => [
        scatteringAlong(
          mode,
          "with repeats",
          [2, 3],
          int32([
            [0, 2, 0, 1],
            [1, 1, -1, 1],
          ]),
          1,
        ),
        scatteringAlong(
          mode,
          "smaller than x",
          [3, 3],
          int32([
            [2, 0],
            [2, 3],
          ]),
          0,
        ),
      ]),
      {
        name: "a number",
        inputs: [random([2, 2]), int32([[1], [0]])],
        call: (x, i) => g.scatterAlongAxis(x as g.Tensor, i as g.Tensor, 3, { axis: -1 }),
        expected: (x) => generate([2, 2], ([i, j]) => (i === j ? at(x as Values, [i, j] as number[]) : 3)),
        only: ["float32", "float64"],
      },
    ],
    typed: scatteringAlong("set", "once", [2, 3], int32([[0], [1]]), 1),
    dtypes: same,
    gradient: true,
    tolerance: 8,
    errors: [
      bad(
        ShapeError,
        () => g.scatterAlongAxis(zeros(2, 3), g.zeros([3, 1], { dtype: "int32" }), 1),
        "[scatterAlongAxis] indices do not fit beside axis 1, got [2,3] and [3,1]; use scatter for whole slices",
      ),
      bad(
        ShapeError,
        () => g.scatterAlongAxis(zeros(2, 3), indexTensor([0]), 1),
        "[scatterAlongAxis] indices do not fit beside axis 1, got [2,3] and [1]; use scatter for whole slices",
      ),
    ],
  },
  scatterNd: {
    names: { torch: "index_put", tfjs: "scatterND" },
    samples: [
      ...modes.map(
        (mode): Sample => ({
          name: mode,
          inputs: [
            random([2, 3]),
            int32([
              [0, 2],
              [-1, 0],
              [0, 2],
              [1, 3],
            ]),
            random([4], -2, 2, 2),
          ],
          call: (x, i, u) => g.scatterNd(x as g.Tensor, i as g.Tensor, u as g.Tensor, mode),
          expected: (x, _, u) =>
            scattered(x as Values, u as Values, mode, ([i]) => [[0, 2], [1, 0], [0, 2], undefined][i as number]),
        }),
      ),
      {
        name: "slices",
        inputs: [random([3, 2]), int32([[2], [0]]), random([2, 2], -2, 2, 2)],
        call: (x, i, u) => g.scatterNd(x as g.Tensor, i as g.Tensor, u as g.Tensor),
        expected: (x, _, u) => scattered(x as Values, u as Values, "set", ([i, j]) => [i === 0 ? 2 : 0, j as number]),
      },
    ],
    dtypes: same,
    gradient: true,
    tolerance: 8,
    errors: [
      bad(
        ShapeError,
        () => g.scatterNd(zeros(2, 2), g.zeros([3, 1], { dtype: "int32" }), zeros(3)),
        "[scatterNd] updates do not fit the places [3,2], got [3]",
      ),
    ],
  },
  maskedFill: {
    names: { torch: "masked_fill", numpy: "place" },
    samples: [
      {
        name: "a number",
        inputs: [random([2, 3]), values([true, false, true], "bool")],
        call: (x, m) => g.maskedFill(x as g.Tensor, m as g.Tensor, 1),
        expected: (x) => generate([2, 3], ([i, j]) => (j === 1 ? at(x as Values, [i, j] as number[]) : 1)),
      },
      {
        name: "a tensor over NaN",
        inputs: [shaped([2], [Number.NaN, 1], "float32"), values([true, false], "bool"), shaped([], [5], "float32")],
        call: (x, m, v) => g.maskedFill(x as g.Tensor, m as g.Tensor, v as g.Tensor),
        expected: shaped([2], [5, 1]),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        DTypeError,
        () => g.maskedFill(zeros(2), zeros(2), 0),
        '[maskedFill] a mask is bool, got float32; compare, or use cast("bool")',
      ),
      bad(
        DTypeError,
        () => g.maskedFill(g.zeros([2], { dtype: "uint8" }), g.tensor([true, false]), 256),
        "[maskedFill] uint8 cannot hold 256; use cast(...) first",
      ),
      bad(
        ShapeError,
        () => g.maskedFill(zeros(2), g.tensor([true, false, true]), 0),
        "[maskedFill] the mask does not broadcast to the values, got [3] and [2]",
      ),
    ],
  },
  maskedSelect: {
    names: { torch: "masked_select", numpy: "extract", tfjs: "booleanMaskAsync" },
    samples: [
      {
        name: "some",
        inputs: [
          random([2, 3]),
          values(
            [
              [true, false, true],
              [false, true, false],
            ],
            "bool",
          ),
        ],
        call: (x, m) => g.maskedSelect(x as g.Tensor, m as g.Tensor),
        expected: (x) =>
          shaped(
            [3],
            [0, 2, 4].map((i) => (x as Values).data[i] as number),
          ),
      },
      {
        name: "by rows",
        inputs: [random([2, 2]), values([[false], [true]], "bool")],
        call: (x, m) => g.maskedSelect(x as g.Tensor, m as g.Tensor),
        expected: (x) => shaped([2], (x as Values).data.slice(2)),
      },
      {
        name: "none",
        inputs: [random([2]), values([false, false], "bool")],
        call: (x, m) => g.maskedSelect(x as g.Tensor, m as g.Tensor),
        expected: shaped([0], []),
      },
    ],
    dtypes: same,
    gradient: true,
    errors: [
      bad(
        ShapeError,
        () => g.maskedSelect(zeros(2), g.tensor([true, false, true])),
        "[maskedSelect] the mask does not broadcast to the values, got [3] and [2]",
      ),
      bad(
        DTypeError,
        () => g.maskedSelect(zeros(2), zeros(2)),
        '[maskedSelect] a mask is bool, got float32; compare, or use cast("bool")',
      ),
    ],
  },
  nonzero: {
    names: { torch: "nonzero", numpy: "argwhere", tfjs: "whereAsync" },
    samples: [
      {
        name: "a matrix",
        inputs: [
          values([
            [0, 5],
            [7, 0],
            [1, 1],
          ]),
        ],
        call: (x) => g.nonzero(x as g.Tensor),
        expected: int32([
          [0, 1],
          [1, 0],
          [2, 0],
          [2, 1],
        ]),
      },
      {
        name: "NaN counts, -0 does not",
        inputs: [shaped([3], [Number.NaN, -0, 1], "float32")],
        call: (x) => g.nonzero(x as g.Tensor),
        expected: int32([[0], [2]]),
      },
      {
        name: "none",
        inputs: [values([0])],
        call: (x) => g.nonzero(x as g.Tensor),
        expected: shaped([0, 1], [], "int32"),
      },
      {
        name: "a number",
        inputs: [values(3)],
        call: (x) => g.nonzero(x as g.Tensor),
        expected: shaped([1, 0], [], "int32"),
      },
    ],
    dtypes: position,
    gradient: false,
    errors: [],
  },
  searchsorted: {
    names: { torch: "searchsorted", numpy: "searchsorted", tfjs: "searchSorted" },
    samples: [
      {
        name: "left",
        inputs: [
          values([1, 3, 3, 5]),
          values([
            [0, 1, 3],
            [4, 5, 9],
          ]),
        ],
        call: (s, v) => g.searchsorted(s as g.Tensor, v as g.Tensor),
        expected: int32([
          [0, 0, 1],
          [3, 3, 4],
        ]),
      },
      {
        name: "right",
        inputs: [
          values([1, 3, 3, 5]),
          values([
            [0, 1, 3],
            [4, 5, 9],
          ]),
        ],
        call: (s, v) => g.searchsorted(s as g.Tensor, v as g.Tensor, { side: "right" }),
        expected: int32([
          [0, 1, 3],
          [3, 4, 4],
        ]),
      },
      {
        name: "one list per row",
        inputs: [
          values([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          values([
            [2, 5],
            [2, 5],
          ]),
        ],
        call: (s, v) => g.searchsorted(s as g.Tensor, v as g.Tensor),
        expected: int32([
          [1, 3],
          [0, 1],
        ]),
      },
      {
        name: "NaN and infinities",
        inputs: [
          shaped([5], [-Infinity, 0, Infinity, Number.NaN, Number.NaN], "float32"),
          shaped([4], [-Infinity, Infinity, Number.NaN, 1], "float32"),
        ],
        call: (s, v) => [
          g.searchsorted(s as g.Tensor, v as g.Tensor),
          g.searchsorted(s as g.Tensor, v as g.Tensor, { side: "right" }),
        ],
        expected: [int32([0, 2, 3, 2]), int32([1, 3, 5, 2])],
      },
      {
        name: "a number",
        inputs: [values([1, 2, 3, 4, 5, 6, 7])],
        call: (s) => g.searchsorted(s as g.Tensor, 6),
        expected: int32(5),
      },
      {
        name: "an empty list",
        inputs: [values([]), values([1, 2])],
        call: (s, v) => g.searchsorted(s as g.Tensor, v as g.Tensor),
        expected: int32([0, 0]),
      },
      {
        name: "many",
        inputs: [
          shaped(
            [100],
            Array.from({ length: 100 }, (_, i) => 3 * i),
          ),
          shaped(
            [50],
            Array.from({ length: 50 }, (_, i) => 7 * i - 9),
          ),
        ],
        call: (s, v) => g.searchsorted(s as g.Tensor, v as g.Tensor),
        expected: (s, v) =>
          shaped(
            [50],
            (v as Values).data.map((x) => (s as Values).data.filter((e) => e < x).length),
            "int32",
          ),
      },
    ],
    typed: {
      inputs: [values([0, 1, 1]), values([0, 1])],
      call: (s, v) => g.searchsorted(s as g.Tensor, v as g.Tensor, { side: "right" }),
      expected: int32([1, 3]),
    },
    dtypes: position,
    gradient: false,
    errors: [
      bad(
        ShapeError,
        () => g.searchsorted(zeros(2, 3), zeros(3, 1)),
        "[searchsorted] leading dimensions differ, got [2,3] and [3,1]; give one sorted list, or one per row of values",
      ),
      bad(
        ShapeError,
        () => g.searchsorted(zeros(), 1),
        "[searchsorted] leading dimensions differ, got [] and []; give one sorted list, or one per row of values",
      ),
    ],
  },
  bincount: {
    names: { torch: "bincount", numpy: "bincount", tfjs: "bincount" },
    samples: [
      {
        name: "counts",
        inputs: [int32([0, 1, 1, 3, 5, -1])],
        call: (x) => g.bincount(x as g.Tensor, 4),
        expected: int32([1, 2, 0, 1]),
      },
      {
        name: "weights",
        inputs: [
          int32([
            [0, 1],
            [1, 3],
          ]),
          values([
            [0.5, 1],
            [2, 3],
          ]),
        ],
        call: (x, w) => g.bincount(x as g.Tensor, 4, w as g.Tensor),
        expected: values([0.5, 3, 0, 3]),
      },
      {
        name: "nothing",
        inputs: [shaped([0], [], "int32")],
        call: (x) => g.bincount(x as g.Tensor, 2),
        expected: int32([0, 0]),
      },
    ],
    gradient: true,
    errors: [
      bad(DTypeError, () => g.bincount(zeros(2), 3), '[bincount] counts integers, got float32; use cast("int32")'),
      bad(
        ArgumentError,
        () => g.bincount(indexTensor([0]), -1),
        "[bincount] the length is a whole number >= 0, got -1",
      ),
      bad(
        ShapeError,
        () => g.bincount(indexTensor([0]), 1, zeros(2)),
        "[bincount] needs one weight per value, got [1] and [2]",
      ),
    ],
  },
} satisfies Rows;
