import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, positionsOf, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);
const int32 = (nested: Parameters<typeof values>[0]): Values => values(nested, "int32");
const indexTensor = (nested: number[]): g.Tensor => g.tensor(nested, { dtype: "int32" });

/** Counted from the end where it is below 0. */
const from = (index: number, n: number): number => (index < 0 ? index + n : index);

const inside = (index: number, n: number): boolean => from(index, n) >= 0 && from(index, n) < n;

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

const folding = (mode: Mode, name: string, shape: readonly number[], indices: Values, axis: number): Sample => {
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

export const scattering = {
  scatter: {
    names: { torch: "index_add", tfjs: "scatterND" },
    samples: [
      ...modes.flatMap((mode) => [
        folding(mode, "with repeats", [3, 2], repeated, 0),
        folding(
          mode,
          "on the last axis",
          [2, 3],
          int32([
            [0, 2],
            [2, 2],
          ]),
          1,
        ),
        folding(mode, "out of range", [3], outside, 0),
      ]),
      folding("add", "nothing", [3], int32([]), 0),
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
    typed: folding("set", "with repeats", [3, 2], repeated, 0),
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
} satisfies Rows;
