import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows, Sample } from "../support/row.ts";
import { same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random, shaped, values } from "../support/values.ts";

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

const repeated = int32([2, 0, 2, -1, 1]);
const outside = int32([3, 0, -4, 1]);

export const gathering = {
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
} satisfies Rows;
