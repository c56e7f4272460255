import { ArgumentError, DeviceError, DTypeError, ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { binaryRow, unaryRow } from "../support/elementwise.ts";
import type { OpRow, Rows, Sample } from "../support/row.ts";
import { number, same, truth } from "../support/types.ts";
import { shaped, values, zip } from "../support/values.ts";

const away: [readonly [number, number], readonly [number, number]] = [
  [-3, 3],
  [0.5, 3],
];

/** A tensor beside a plain number, on either side. */
const withNumber = (call: Sample["call"], f: (x: number) => number): Sample => ({
  name: "with a number",
  inputs: [values([[0.5, 1.5, 2.5]])],
  call,
  expected: (x) => zip(f, x as never),
});

const broadcast = (name: string, call: (a: g.Tensor, b: g.Tensor) => unknown) => ({
  call: () => call(g.zeros([2, 3]), g.zeros([4, 3])),
  error: ShapeError,
  text: `[${name}] shapes do not broadcast, got [2,3] and [4,3]; axis -2 has sizes 2 and 4; sizes must be equal or 1`,
});

const wrapping = (
  call: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  dtype: g.DType,
  pairs: readonly (readonly [number, number, number])[],
): Sample => ({
  name: `wraps ${dtype}`,
  inputs: [
    shaped(
      [pairs.length],
      pairs.map(([a]) => a),
      dtype,
    ),
    shaped(
      [pairs.length],
      pairs.map(([, b]) => b),
      dtype,
    ),
  ],
  call: (a, b) => call(a as g.Tensor, b as g.Tensor),
  expected: shaped(
    [pairs.length],
    pairs.map(([, , c]) => c),
    dtype,
  ),
});

const notBool = (name: string, call: (a: g.Tensor) => unknown) => ({
  call: () => call(g.tensor([true])),
  error: DTypeError,
  text: `[${name}] takes numbers, got bool; use cast(...) first`,
});

const compare = (
  op: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  f: (a: number, b: number) => boolean,
  names: OpRow["names"],
  name: string,
): OpRow =>
  binaryRow({
    op,
    f: (a, b) => Number(f(a, b)),
    names,
    dtypes: truth,
    gradient: false,
    samples: [
      {
        name: "numbers beyond the type",
        inputs: [values([0, 127, 255], "uint8")],
        call: (x) => op(x as g.Tensor, g.tensor(300)),
        expected: values([f(0, 300), f(127, 300), f(255, 300)], "bool"),
      },
    ],
    errors: [
      broadcast(name, op),
      {
        call: () => g.zeros([2], { dtype: "uint32" })[name as "less"](-1),
        error: ArgumentError,
        text: `[${name}] -1 is outside the range of uint32; use cast("float64") first`,
      },
    ],
  });

const halves = (a: number, b: number): number => (a === b ? 0.5 : a > b ? 1 : 0);

export const arithmetic = {
  add: binaryRow({
    op: g.add,
    f: (a, b) => a + b,
    names: { torch: "add", numpy: "add", tfjs: "add" },
    dtypes: same,
    gradient: true,
    samples: [
      withNumber(
        (x) => g.add(2, x as g.Tensor),
        (x) => x + 2,
      ),
      wrapping(g.add, "int8", [[100, 100, -56]]),
      wrapping(g.add, "uint8", [[200, 100, 44]]),
      wrapping(g.add, "int32", [[2 ** 31 - 1, 1, -(2 ** 31)]]),
      wrapping(g.add, "uint32", [[2 ** 32 - 1, 2, 1]]),
      {
        name: "promotes",
        inputs: [values([1, 2], "int8"), values([0.5, 0.5], "float16")],
        call: (a, b) => g.add(a as g.Tensor, b as g.Tensor),
        expected: values([1.5, 2.5], "float16"),
      },
    ],
    errors: [
      broadcast("add", g.add),
      {
        call: () => g.add(1, 2),
        error: ArgumentError,
        text: "[add] needs a tensor, got 1 and 2; wrap one of them in tensor(...)",
      },
      {
        call: async () => g.add(g.zeros([2]), g.zeros([2], { device: new g.Device(g.currentDevice().backend) })),
        error: DeviceError,
        text: "[add] operands live on two devices, got reference and reference; move one with to(device)",
      },
    ],
  }),
  sub: binaryRow({
    op: g.sub,
    f: (a, b) => a - b,
    names: { torch: "sub", numpy: "subtract", tfjs: "sub" },
    dtypes: number,
    gradient: true,
    samples: [
      withNumber(
        (x) => g.sub(2, x as g.Tensor),
        (x) => 2 - x,
      ),
      wrapping(g.sub, "uint8", [[1, 2, 255]]),
    ],
    errors: [broadcast("sub", g.sub), notBool("sub", (x) => g.sub(x, x))],
  }),
  mul: binaryRow({
    op: g.mul,
    f: (a, b) => a * b,
    names: { torch: "mul", numpy: "multiply", tfjs: "mul" },
    dtypes: same,
    gradient: true,
    samples: [
      wrapping(g.mul, "int32", [[65536, 65536, 0]]),
      wrapping(g.mul, "uint32", [[4294967295, 4294967295, 1]]),
      wrapping(g.mul, "int8", [[16, 16, 0]]),
    ],
    errors: [broadcast("mul", g.mul)],
  }),
  div: binaryRow({
    op: g.div,
    f: (a, b) => a / b,
    domains: away,
    names: { torch: "div", numpy: "true_divide", tfjs: "div" },
    gradient: true,
    samples: [
      withNumber(
        (x) => g.div(2, x as g.Tensor),
        (x) => 2 / x,
      ),
    ],
    errors: [broadcast("div", g.div)],
  }),
  neg: unaryRow({
    op: g.neg,
    f: (x) => -x,
    names: { torch: "neg", numpy: "negative", tfjs: "neg" },
    dtypes: number,
    gradient: true,
    errors: [
      {
        call: () => g.neg(g.tensor([true])),
        error: DTypeError,
        text: "[neg] takes numbers, got bool; use logicalNot(x)",
      },
    ],
  }),
  abs: unaryRow({
    op: g.abs,
    f: Math.abs,
    names: { torch: "abs", numpy: "abs", tfjs: "abs" },
    dtypes: number,
    gradient: true,
    derivatives: [
      {
        name: "0 at the kink",
        inputs: [values([0, -0, -2, 3])],
        call: (x) => g.abs(x as g.Tensor),
        expected: [[0, 0, -1, 1]],
      },
    ],
    errors: [notBool("abs", g.abs)],
  }),
  sign: unaryRow({
    op: g.sign,
    f: Math.sign,
    names: { torch: "sign", numpy: "sign", tfjs: "sign" },
    dtypes: number,
    gradient: true,
    errors: [notBool("sign", g.sign)],
  }),
  square: unaryRow({
    op: g.square,
    f: (x) => x * x,
    names: { torch: "square", numpy: "square", tfjs: "square" },
    dtypes: same,
    gradient: true,
  }),
  maximum: binaryRow({
    op: g.maximum,
    f: Math.max,
    names: { torch: "maximum", numpy: "maximum", tfjs: "maximum" },
    dtypes: same,
    gradient: true,
    derivatives: [
      {
        name: "ties share, NaN takes all",
        inputs: [values([1, 1, 2, Number.NaN]), values([1, 2, 1, 1])],
        call: (a, b) => g.maximum(a as g.Tensor, b as g.Tensor),
        expected: [
          [halves(1, 1), halves(1, 2), halves(2, 1), 1],
          [halves(1, 1), halves(2, 1), halves(1, 2), 1],
        ],
      },
    ],
    errors: [broadcast("maximum", g.maximum)],
  }),
  minimum: binaryRow({
    op: g.minimum,
    f: Math.min,
    names: { torch: "minimum", numpy: "minimum", tfjs: "minimum" },
    dtypes: same,
    gradient: true,
    derivatives: [
      {
        name: "ties share, NaN takes all",
        inputs: [values([1, 1, 2, Number.NaN]), values([1, 2, 1, 1])],
        call: (a, b) => g.minimum(a as g.Tensor, b as g.Tensor),
        expected: [
          [halves(1, 1), halves(2, 1), halves(1, 2), 1],
          [halves(1, 1), halves(1, 2), halves(2, 1), 1],
        ],
      },
    ],
    errors: [broadcast("minimum", g.minimum)],
  }),
  equal: compare(g.equal, (a, b) => a === b, { torch: "eq", numpy: "equal", tfjs: "equal" }, "equal"),
  notEqual: compare(g.notEqual, (a, b) => a !== b, { torch: "ne", numpy: "not_equal", tfjs: "notEqual" }, "notEqual"),
  less: compare(g.less, (a, b) => a < b, { torch: "lt", numpy: "less", tfjs: "less" }, "less"),
  lessEqual: compare(
    g.lessEqual,
    (a, b) => a <= b,
    { torch: "le", numpy: "less_equal", tfjs: "lessEqual" },
    "lessEqual",
  ),
  greater: compare(g.greater, (a, b) => a > b, { torch: "gt", numpy: "greater", tfjs: "greater" }, "greater"),
  greaterEqual: compare(
    g.greaterEqual,
    (a, b) => a >= b,
    { torch: "ge", numpy: "greater_equal", tfjs: "greaterEqual" },
    "greaterEqual",
  ),
} satisfies Rows;
