import { DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { binaryRow, unaryRow } from "../support/elementwise.ts";
import type { BadCall, OpRow, Rows } from "../support/row.ts";
import { integer, integerOrBool, same, truth } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { random, shaped, values, zip } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const connective = (
  name: string,
  op: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  f: (a: boolean, b: boolean) => boolean,
  names: OpRow["names"],
): OpRow =>
  binaryRow({
    op,
    f: (a, b) => Number(f(a !== 0, b !== 0)),
    names,
    dtypes: truth,
    gradient: false,
    samples: [
      {
        name: "with a truth value",
        inputs: [values([0, 2])],
        call: (x) => op(x as g.Tensor, true as never),
        expected: values([f(false, true), f(true, true)], "bool"),
      },
    ],
    errors: [
      {
        call: () => op(g.zeros([2]), g.zeros([3])),
        error: ShapeError,
        text: `[${name}] shapes do not broadcast, got [2] and [3]; axis -1 has sizes 2 and 3; sizes must be equal or 1`,
      },
    ],
  });

const noFloats = (name: string, call: (x: g.Tensor) => unknown, wanted = "integers or truth values"): BadCall => ({
  call: () => call(g.zeros([2])),
  error: DTypeError,
  text: `[${name}] takes ${wanted}, got float32; use cast(...) first`,
});

const bits = (
  name: string,
  op: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  f: (a: number, b: number) => number,
  names: OpRow["names"],
): OpRow => ({
  names,
  dtypes: integerOrBool,
  gradient: false,
  samples: [
    {
      inputs: [values([[6], [-1]], "int32"), values([3, 5, -8], "int32")],
      call: (a, b) => op(a as g.Tensor, b as g.Tensor),
      expected: (a, b) => ({ ...zip(f, a as Values, b as Values), dtype: "int32" }),
    },
  ],
  typed: {
    inputs: [values([6, 1, 0, 100]), values([3, 5, 0, 1])],
    call: (a, b) => op(a as g.Tensor, b as g.Tensor),
    expected: (a, b) => zip(f, a as Values, b as Values),
  },
  errors: [noFloats(name, (x) => op(x, x))],
});

const shift = (
  name: string,
  op: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  names: OpRow["names"],
  cases: readonly (readonly [g.DType, number, number, number])[],
  f: (a: number, b: number) => number,
): OpRow => ({
  names,
  dtypes: integer,
  gradient: false,
  samples: cases.map(([dtype, a, b, c]) => ({
    name: `${dtype} ${a} by ${b}`,
    inputs: [shaped([1], [a], dtype), shaped([1], [b], dtype)],
    call: (x, y) => op(x as g.Tensor, y as g.Tensor),
    expected: shaped([1], [c], dtype),
  })),
  typed: {
    inputs: [values([6, 1, 0, 12]), values([3, 2, 0, 1])],
    call: (a, b) => op(a as g.Tensor, b as g.Tensor),
    expected: (a, b) => zip(f, a as Values, b as Values),
  },
  errors: [noFloats(name, (x) => op(x, x), "integers")],
});

const test = (op: (x: g.Tensor) => g.Tensor, f: (x: number) => boolean, names: OpRow["names"]): OpRow =>
  unaryRow({ op, f: (x) => Number(f(x)), names, dtypes: truth, gradient: false, edges });

const edges = [0, -0, inf, -inf, nan, 1e30, -3.4028234663852886e38, 1e-40];

export const logical = {
  logicalAnd: connective("logicalAnd", g.logicalAnd, (a, b) => a && b, {
    torch: "logical_and",
    numpy: "logical_and",
    tfjs: "logicalAnd",
  }),
  logicalOr: connective("logicalOr", g.logicalOr, (a, b) => a || b, {
    torch: "logical_or",
    numpy: "logical_or",
    tfjs: "logicalOr",
  }),
  logicalXor: connective("logicalXor", g.logicalXor, (a, b) => a !== b, {
    torch: "logical_xor",
    numpy: "logical_xor",
    tfjs: "logicalXor",
  }),
  logicalNot: test(g.logicalNot, (x) => x === 0, { torch: "logical_not", numpy: "logical_not", tfjs: "logicalNot" }),
  isNaN: test(g.isNaN, Number.isNaN, { torch: "isnan", numpy: "isnan", tfjs: "isNaN" }),
  isFinite: test(g.isFinite, Number.isFinite, { torch: "isfinite", numpy: "isfinite", tfjs: "isFinite" }),
  isInfinite: test(g.isInfinite, (x) => Math.abs(x) === inf, { torch: "isinf", numpy: "isinf", tfjs: "isInf" }),
  isPositiveInfinite: test(g.isPositiveInfinite, (x) => x === inf, { torch: "isposinf", numpy: "isposinf" }),
  isNegativeInfinite: test(g.isNegativeInfinite, (x) => x === -inf, { torch: "isneginf", numpy: "isneginf" }),
  isClose: {
    names: { torch: "isclose", numpy: "isclose" },
    dtypes: truth,
    gradient: false,
    samples: [
      {
        inputs: [values([1, 2, 0, 100, inf, nan]), values([1.000001, 2.1, 1e-9, 100.0005, inf, nan])],
        call: (a, b) => g.isClose(a as g.Tensor, b as g.Tensor),
        expected: values([true, false, true, true, true, false], "bool"),
      },
      {
        inputs: [values([1, nan, inf]), values([1.5, nan, 1])],
        call: (a, b) => g.isClose(a as g.Tensor, b as g.Tensor, { relative: 0, absolute: 0.5, equalNaN: true }),
        expected: values([true, true, false], "bool"),
      },
    ],
    typed: {
      inputs: [values([1, 2, 0]), values([1, 3, 0])],
      call: (a, b) => g.isClose(a as g.Tensor, b as g.Tensor),
      expected: (a, b) => ({ ...zip((x, y) => Number(x === y), a as Values, b as Values), dtype: "bool" }),
    },
    errors: [],
  },
  bitwiseAnd: bits("bitwiseAnd", g.bitwiseAnd, (a, b) => a & b, {
    torch: "bitwise_and",
    numpy: "bitwise_and",
    tfjs: "bitwiseAnd",
  }),
  bitwiseOr: bits("bitwiseOr", g.bitwiseOr, (a, b) => a | b, { torch: "bitwise_or", numpy: "bitwise_or" }),
  bitwiseXor: bits("bitwiseXor", g.bitwiseXor, (a, b) => a ^ b, { torch: "bitwise_xor", numpy: "bitwise_xor" }),
  bitwiseNot: {
    names: { torch: "bitwise_not", numpy: "bitwise_not" },
    dtypes: integerOrBool,
    gradient: false,
    samples: [
      {
        inputs: [values([0, 5, -1], "int32")],
        call: (x) => g.bitwiseNot(x as g.Tensor),
        expected: values([-1, -6, 0], "int32"),
      },
      {
        inputs: [values([0, 5], "uint8")],
        call: (x) => g.bitwiseNot(x as g.Tensor),
        expected: values([255, 250], "uint8"),
      },
      {
        inputs: [values([true, false])],
        call: (x) => g.bitwiseNot(x as g.Tensor),
        expected: values([false, true], "bool"),
        only: ["bool"],
      },
    ],
    typed: {
      inputs: [values([1, 1])],
      call: (x) => g.bitwiseNot(g.bitwiseNot(x as g.Tensor)),
      expected: values([1, 1]),
    },
    errors: [noFloats("bitwiseNot", g.bitwiseNot)],
  },
  shiftLeft: shift(
    "shiftLeft",
    g.shiftLeft,
    { torch: "bitwise_left_shift", numpy: "left_shift" },
    [
      ["int32", 3, 2, 12],
      ["int32", 1, 31, -(2 ** 31)],
      ["int32", 1, 32, 0],
      ["uint8", 255, 4, 240],
      ["uint32", 1, 31, 2 ** 31],
    ],
    (a, b) => a << b,
  ),
  shiftRight: shift(
    "shiftRight",
    g.shiftRight,
    { torch: "bitwise_right_shift", numpy: "right_shift" },
    [
      ["int32", -8, 1, -4],
      ["int32", -8, 40, -1],
      ["uint32", 2 ** 32 - 1, 31, 1],
      ["int8", -128, 7, -1],
    ],
    (a, b) => a >> b,
  ),
  where: {
    names: { torch: "where", numpy: "where", tfjs: "where" },
    dtypes: same,
    gradient: true,
    samples: [
      {
        inputs: [values([[true], [false]], "bool"), random([2, 3]), random([3], -2, 2, 2)],
        call: (c, a, b) => g.where(c as g.Tensor, a as g.Tensor, b as g.Tensor),
        expected: (...xs) => zip((c, a, b) => (c ? a : b) as number, ...xs),
      },
      {
        name: "a number as condition, numbers as branches",
        inputs: [values([0, 2, nan])],
        call: (c) => [g.where(c as g.Tensor, 1, 0), g.where(c as g.Tensor, true, false)],
        expected: [values([0, 1, 1], "float32"), values([0, 1, 1], "bool")],
        smooth: false,
      },
      {
        name: "takes nothing from the other branch",
        inputs: [values([true, false], "bool"), values([1, nan]), values([inf, 2])],
        call: (c, a, b) => g.where(c as g.Tensor, a as g.Tensor, b as g.Tensor),
        expected: values([1, 2]),
        smooth: false,
      },
    ],
    derivatives: [
      {
        name: "no NaN from the branch that is not taken",
        inputs: [values([true, false], "bool"), values([3, nan]), values([inf, 2])],
        call: (c, a, b) => g.where(c as g.Tensor, a as g.Tensor, b as g.Tensor).square(),
        expected: [
          [6, 0],
          [0, 4],
        ],
      },
    ],
    errors: [
      {
        call: () => g.where(g.tensor([true, false]), g.zeros([3]), 0),
        error: ShapeError,
        text: "[where] shapes do not broadcast, got [2] and [3]; axis -1 has sizes 2 and 3; sizes must be equal or 1",
      },
    ],
  },
} satisfies Rows;
