import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, Rows } from "../support/row.ts";
import { position, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { at, generate, random, shaped, values } from "../support/values.ts";

const bad = (error: BadCall["error"], call: () => unknown, text: string): BadCall => ({ call, error, text });
const zeros = (...shape: number[]): g.Tensor => g.zeros(shape);
const int32 = (nested: Parameters<typeof values>[0]): Values => values(nested, "int32");
const indexTensor = (nested: number[]): g.Tensor => g.tensor(nested, { dtype: "int32" });

export const searching = {
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
