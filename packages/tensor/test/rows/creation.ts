import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { OpRow, Rows, Sample } from "../support/row.ts";
import { integer, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { generate, random, shaped, values, zip } from "../support/values.ts";

/** What a call without tensors gives. */
const made = (call: () => g.Tensor, expected: Values): Sample => ({ inputs: [], call, expected });

const typed = (expected: Values, dtype: g.DType): Values => ({ ...expected, dtype });

const likeRow = (
  op: (x: g.Tensor, dtype?: g.DType) => g.Tensor,
  value: number,
  names: OpRow["names"],
  error: string,
): OpRow => ({
  names,
  dtypes: same,
  gradient: false,
  samples: [
    {
      inputs: [random([2, 3])],
      call: (x) => op(x as g.Tensor),
      expected: (x) => zip(() => value, x as Values),
    },
    {
      inputs: [random([2, 0])],
      call: (x) => op(x as g.Tensor, "int32"),
      expected: shaped([2, 0], [], "int32"),
    },
  ],
  errors: [
    {
      call: () => op(g.zeros([2]), "float" as "float32"),
      error: DTypeError,
      text: `[${error}] unknown element type float; use one of float32, float16, bfloat16, float64, int32, uint32, int8, uint8, bool`,
    },
  ],
});

const triangle = (
  name: string,
  op: (x: g.Tensor, k?: number) => g.Tensor,
  keeps: (row: number, column: number, k: number) => boolean,
  names: OpRow["names"],
): OpRow => {
  const expected = (x: Values, k: number): Values => {
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const data = x.data.map((value, i) => (keeps(Math.floor(i / columns) % rows, i % columns, k) ? value : 0));
    return shaped(x.shape, data);
  };
  const sample = (shape: number[], k: number): Sample => ({
    name: `diagonal ${k}`,
    inputs: [random(shape)],
    call: (x) => op(x as g.Tensor, k),
    expected: (x) => expected(x as Values, k),
  });
  return {
    names,
    dtypes: same,
    gradient: true,
    samples: [sample([3, 3], 0), sample([2, 3, 4], 1), sample([4, 2], -1), sample([2, 2], 5), sample([0, 2], 0)],
    errors: [{ call: () => op(g.zeros([3])), error: ShapeError, text: `[${name}] takes matrices, got [3]` }],
  };
};

const matrix = (n: number, m: number, f: (row: number, column: number) => boolean): Values =>
  generate([n, m], ([row, column]) => Number(f(row as number, column as number)));

export const creation = {
  tensor: {
    names: { torch: "tensor", numpy: "array", tfjs: "tensor" },
    gradient: false,
    samples: [
      made(
        () =>
          g.tensor([
            [1, 2],
            [3, 4],
          ]),
        typed(
          values([
            [1, 2],
            [3, 4],
          ]),
          "float32",
        ),
      ),
      made(() => g.tensor([true, false]), values([true, false], "bool")),
      made(() => g.tensor(2.5), typed(values(2.5), "float32")),
      made(() => g.tensor([[], []]), shaped([2, 0], [], "float32")),
      made(() => g.tensor(new Int8Array([1, -2]), { shape: [2, 1] }), shaped([2, 1], [1, -2], "int8")),
      made(() => g.tensor([300, -1.5], { dtype: "uint8" }), values([44, 255], "uint8")),
      made(() => g.tensor(new Uint16Array([0x3c00]), { dtype: "float16" }), values([1], "float16")),
      made(() => g.tensor(new Float32Array([1, 0]), { dtype: "bool" }), values([true, false], "bool")),
    ],
    errors: [
      {
        call: () => g.tensor([[1, 2], [3]]),
        error: ShapeError,
        text: "[tensor] lists of unequal length, got length 1 where [2,2] needs 2",
      },
      {
        call: () => g.tensor([1, 2, 3], { shape: [2] }),
        error: ShapeError,
        text: "[tensor] 3 values do not fill [2]; give as many values as the shape has elements",
      },
      {
        call: () => g.tensor(new Uint16Array(2)),
        error: DTypeError,
        text: "[tensor] a Uint16Array has no element type of its own; give dtype",
      },
    ],
  },
  zeros: {
    names: { torch: "zeros", numpy: "zeros", tfjs: "zeros" },
    gradient: false,
    samples: [
      made(
        () => g.zeros([2, 2]),
        typed(
          values([
            [0, 0],
            [0, 0],
          ]),
          "float32",
        ),
      ),
      made(() => g.zeros([], { dtype: "int8" }), values(0, "int8")),
    ],
    errors: [
      { call: () => g.zeros([2, -1]), error: ShapeError, text: "[zeros] a shape holds whole numbers >= 0, got [2,-1]" },
    ],
  },
  ones: {
    names: { torch: "ones", numpy: "ones", tfjs: "ones" },
    gradient: false,
    samples: [
      made(() => g.ones([3]), typed(values([1, 1, 1]), "float32")),
      made(() => g.ones([0], { dtype: "bool" }), shaped([0], [], "bool")),
    ],
    errors: [
      { call: () => g.ones([1.5]), error: ShapeError, text: "[ones] a shape holds whole numbers >= 0, got [1.5]" },
    ],
  },
  full: {
    names: { torch: "full", numpy: "full", tfjs: "fill" },
    gradient: false,
    samples: [
      made(() => g.full([2], 2.5), typed(values([2.5, 2.5]), "float32")),
      made(() => g.full([1], true), values([true], "bool")),
      made(() => g.full([2], -3, { dtype: "int32" }), values([-3, -3], "int32")),
    ],
    errors: [
      {
        call: () => g.full([2 ** 20, 2 ** 20], 0),
        error: ShapeError,
        text: "[full] shape [1048576,1048576] has more than 2147483647 elements; split the tensor",
      },
    ],
  },
  arange: {
    names: { torch: "arange", numpy: "arange", tfjs: "range" },
    gradient: false,
    samples: [
      made(() => g.arange(3), typed(values([0, 1, 2]), "float32")),
      made(() => g.arange(1, 7, 2, { dtype: "int32" }), values([1, 3, 5], "int32")),
      made(() => g.arange(5, 0, -2), values([5, 3, 1])),
      made(() => g.arange(0, 1, 0.25), values([0, 0.25, 0.5, 0.75])),
      made(() => g.arange(3, 3), shaped([0], [])),
    ],
    errors: [
      {
        call: () => g.arange(0, 5, 0),
        error: ArgumentError,
        text: "[arange] needs finite numbers and a step other than 0, got 0, 5 and 0",
      },
    ],
  },
  linspace: {
    names: { torch: "linspace", numpy: "linspace", tfjs: "linspace" },
    gradient: false,
    samples: [
      made(() => g.linspace(0, 1, 5), typed(values([0, 0.25, 0.5, 0.75, 1]), "float32")),
      made(() => g.linspace(0.1, 0.7, 2, { dtype: "float64" }), typed(values([0.1, 0.7]), "float64")),
      made(() => g.linspace(3, -3, 4), values([3, 1, -1, -3])),
      made(() => g.linspace(2, 5, 1), values([2])),
      made(() => g.linspace(2, 5, 0), shaped([0], [])),
    ],
    errors: [
      {
        call: () => g.linspace(0, Number.NaN, 3),
        error: ArgumentError,
        text: "[linspace] needs finite numbers, got 0 and NaN",
      },
      {
        call: () => g.linspace(0, 1, 3, { dtype: "int32" }),
        error: DTypeError,
        text: "[linspace] gives floats, got dtype int32; use cast(...)",
      },
      {
        call: () => g.linspace(0, 1, -1),
        error: ShapeError,
        text: "[linspace] a shape holds whole numbers >= 0, got [-1]",
      },
    ],
  },
  logspace: {
    names: { torch: "logspace", numpy: "logspace" },
    gradient: false,
    tolerance: 16,
    samples: [
      made(() => g.logspace(0, 2, 3), values([1, 10, 100])),
      made(() => g.logspace(0, 3, 4, 2), values([1, 2, 4, 8])),
    ],
    errors: [],
  },
  eye: {
    names: { torch: "eye", numpy: "eye", tfjs: "eye" },
    gradient: false,
    samples: [
      made(
        () => g.eye(3),
        typed(
          matrix(3, 3, (i, j) => i === j),
          "float32",
        ),
      ),
      made(
        () => g.eye(2, 4, 1),
        matrix(2, 4, (i, j) => j - i === 1),
      ),
      made(
        () => g.eye(3, 2, -1, { dtype: "bool" }),
        typed(
          matrix(3, 2, (i, j) => j - i === -1),
          "bool",
        ),
      ),
      made(() => g.eye(0), shaped([0, 0], [])),
    ],
    errors: [{ call: () => g.eye(-1), error: ShapeError, text: "[eye] a shape holds whole numbers >= 0, got [-1,-1]" }],
  },
  tri: {
    names: { numpy: "tri" },
    gradient: false,
    samples: [
      made(
        () => g.tri(3),
        typed(
          matrix(3, 3, (i, j) => j <= i),
          "float32",
        ),
      ),
      made(
        () => g.tri(2, 4, 1),
        matrix(2, 4, (i, j) => j - i <= 1),
      ),
    ],
    errors: [],
  },
  zerosLike: likeRow(g.zerosLike, 0, { torch: "zeros_like", numpy: "zeros_like", tfjs: "zerosLike" }, "zerosLike"),
  onesLike: likeRow(g.onesLike, 1, { torch: "ones_like", numpy: "ones_like", tfjs: "onesLike" }, "onesLike"),
  fullLike: likeRow((x, dtype) => g.fullLike(x, 1, dtype), 1, { torch: "full_like", numpy: "full_like" }, "fullLike"),
  tril: triangle("tril", g.tril, (row, column, k) => column - row <= k, {
    torch: "tril",
    numpy: "tril",
    tfjs: "linalg.bandPart",
  }),
  triu: triangle("triu", g.triu, (row, column, k) => column - row >= k, {
    torch: "triu",
    numpy: "triu",
    tfjs: "linalg.bandPart",
  }),
  oneHot: {
    names: { torch: "nn.functional.one_hot", tfjs: "oneHot" },
    dtypes: (dtype) => (integer(dtype) === undefined ? undefined : "float32"),
    gradient: false,
    samples: [
      {
        inputs: [values([0, 2], "int32")],
        call: (x) => g.oneHot(x as g.Tensor, 3),
        expected: values(
          [
            [1, 0, 0],
            [0, 0, 1],
          ],
          "float32",
        ),
      },
      {
        name: "out of range",
        inputs: [values([[3, -1]], "int32")],
        call: (x) => g.oneHot(x as g.Tensor, 2, "bool"),
        expected: shaped([1, 2, 2], [0, 0, 0, 0], "bool"),
      },
      {
        inputs: [shaped([0], [], "uint8")],
        call: (x) => g.oneHot(x as g.Tensor, 2),
        expected: shaped([0, 2], []),
      },
    ],
    typed: {
      inputs: [values([1, 0])],
      call: (x) => g.oneHot(x as g.Tensor, 300),
      expected: generate([2, 300], ([i, j]) => Number(j === 1 - (i as number))),
    },
    errors: [
      {
        call: () => g.oneHot(g.zeros([2]), 3),
        error: DTypeError,
        text: "[oneHot] takes integers, got float32; use cast(...) first",
      },
      {
        call: () => g.oneHot(g.zeros([2], { dtype: "int32" }), -1),
        error: ShapeError,
        text: "[oneHot] a shape holds whole numbers >= 0, got [2,-1]",
      },
    ],
  },
  cast: {
    names: { torch: "Tensor.to", numpy: "astype", tfjs: "cast" },
    dtypes: () => "float64",
    gradient: true,
    samples: [
      {
        inputs: [random([2, 3])],
        call: (x) => g.cast(x as g.Tensor, "float64"),
        expected: (x) => typed(x as Values, "float64"),
      },
      ...(
        [
          ["int32", [1, -1, 0, 2147483647, -2147483648, 0, 300]],
          ["uint32", [1, 0, 0, 4294967295, 0, 0, 300]],
          ["int8", [1, -1, 0, -1, 0, 0, 44]],
          ["uint8", [1, 255, 0, 255, 0, 0, 44]],
          ["bool", [1, 1, 0, 1, 1, 1, 1]],
        ] as const
      ).map(
        ([dtype, expected]): Sample => ({
          name: `to ${dtype}`,
          inputs: [values([1.7, -1.7, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 300])],
          call: (x) => g.cast(x as g.Tensor, dtype),
          expected: values([...expected], dtype),
          smooth: false,
        }),
      ),
      {
        name: "rounds to even",
        inputs: [values([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65520])],
        call: (x) => g.cast(x as g.Tensor, "float16"),
        expected: values([1, 1 + 2 ** -9, Number.POSITIVE_INFINITY], "float16"),
        smooth: false,
      },
    ],
    typed: {
      inputs: [values([1, 0, 2])],
      call: (x) => g.cast(x as g.Tensor, "float64"),
      expected: (x) => x as Values,
    },
    derivatives: [
      {
        name: "through float32",
        inputs: [values([1, 2])],
        call: (x) => g.cast(g.cast(x as g.Tensor, "float32"), "float64").square(),
        expected: [[2, 4]],
      },
    ],
    errors: [
      {
        call: () => g.cast(g.zeros([2]), "int64" as "int32"),
        error: DTypeError,
        text: "[cast] unknown element type int64; use one of float32, float16, bfloat16, float64, int32, uint32, int8, uint8, bool",
      },
    ],
  },
  stopGradient: {
    names: { torch: "Tensor.detach" },
    dtypes: same,
    gradient: false,
    samples: [
      {
        inputs: [random([2, 3])],
        call: (x) => g.stopGradient(x as g.Tensor),
        expected: (x) => x as Values,
      },
    ],
    errors: [],
  },
} satisfies Rows;
