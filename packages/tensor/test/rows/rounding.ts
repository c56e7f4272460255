import { ArgumentError, DTypeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import { binaryRow, unaryRow } from "../support/elementwise.ts";
import type { BadCall, OpRow, Rows } from "../support/row.ts";
import { number, real, same } from "../support/types.ts";
import type { Values } from "../support/values.ts";
import { random, shaped, values, zip } from "../support/values.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const notBool = (name: string, call: (x: g.Tensor) => unknown): BadCall => ({
  call: () => call(g.tensor([true])),
  error: DTypeError,
  text: `[${name}] takes numbers, got bool; use cast(...) first`,
});

const halfToEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  const y = rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  return y === 0 ? 0 * Math.sign(x) || x * 0 : y;
};

const wholes = [0, -0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, -0.3, 8388609, -2147483648.5, 1e30, inf, -inf, nan];

const roundingRow = (
  name: string,
  op: (x: g.Tensor) => g.Tensor,
  f: (x: number) => number,
  names: OpRow["names"],
): OpRow =>
  unaryRow({
    op,
    f,
    domain: [0.1, 0.9],
    points: [1.25, -1.75, 3.875],
    edges: wholes,
    names,
    dtypes: number,
    gradient: true,
    errors: [notBool(name, op)],
  });

const pythonRemainder = (a: number, b: number): number => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

const floorQuotient = (a: number, b: number): number => {
  if (b === 0) return a / b;
  const rest = a % b;
  const quotient = halfToEven((a - rest) / b);
  return rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient;
};

const truncQuotient = (a: number, b: number): number => (b === 0 ? a / b : halfToEven((a - (a % b)) / b));

const integers = (
  op: (a: g.Tensor, b: g.Tensor) => g.Tensor,
  dtype: g.DType,
  rows: readonly (readonly number[])[],
) => ({
  name: `${dtype} as in NumPy`,
  inputs: [0, 1].map((i) =>
    shaped(
      [rows.length],
      rows.map((row) => row[i] as number),
      dtype,
    ),
  ),
  call: (a?: g.Tensor, b?: g.Tensor) => op(a as g.Tensor, b as g.Tensor),
  expected: shaped(
    [rows.length],
    rows.map((row) => row[2] as number),
    dtype,
  ),
});

const quotientDomains: [readonly [number, number], readonly [number, number]] = [
  [2.1, 2.9],
  [0.9, 1],
];

export const rounding = {
  floor: roundingRow("floor", g.floor, Math.floor, { torch: "floor", numpy: "floor", tfjs: "floor" }),
  ceil: roundingRow("ceil", g.ceil, Math.ceil, { torch: "ceil", numpy: "ceil", tfjs: "ceil" }),
  round: roundingRow("round", g.round, halfToEven, { torch: "round", numpy: "round", tfjs: "round" }),
  trunc: roundingRow("trunc", g.trunc, Math.trunc, { torch: "trunc", numpy: "trunc" }),
  frac: unaryRow({
    op: g.frac,
    f: (x) => x - Math.trunc(x),
    domain: [0.1, 0.9],
    points: [1.25, -1.75],
    edges: [0, -2.5, 1e30, inf, nan],
    names: { torch: "frac" },
    dtypes: number,
    gradient: true,
    errors: [notBool("trunc", g.frac)],
  }),
  remainder: binaryRow({
    op: g.remainder,
    f: pythonRemainder,
    domains: quotientDomains,
    names: { torch: "remainder", numpy: "remainder", tfjs: "mod" },
    dtypes: number,
    gradient: true,
    tolerance: 8,
    points: [
      [-7.5, 2.25],
      [7.5, -2.25],
      [-7.5, -2.25],
    ],
    samples: [
      integers(g.remainder, "int32", [
        [-7, 2, 1],
        [7, -2, -1],
        [-7, -2, -1],
        [5, 0, 0],
        [-(2 ** 31), -1, 0],
      ]),
      integers(g.remainder, "uint32", [[4294967295, 10, 5]]),
    ],
    errors: [notBool("remainder", (x) => g.remainder(x, x))],
  }),
  fmod: binaryRow({
    op: g.fmod,
    f: (a, b) => a % b,
    domains: quotientDomains,
    names: { torch: "fmod", numpy: "fmod" },
    dtypes: number,
    gradient: true,
    points: [
      [-7.5, 2.25],
      [7.5, -2.25],
    ],
    samples: [
      integers(g.fmod, "int32", [
        [-7, 2, -1],
        [7, -2, 1],
        [5, 0, 0],
      ]),
    ],
    errors: [notBool("fmod", (x) => g.fmod(x, x))],
  }),
  floorDivide: binaryRow({
    op: g.floorDivide,
    f: floorQuotient,
    domains: quotientDomains,
    names: { torch: "floor_divide", numpy: "floor_divide", tfjs: "floorDiv" },
    dtypes: number,
    gradient: true,
    samples: [
      integers(g.floorDivide, "int32", [
        [-7, 2, -4],
        [7, -2, -4],
        [-7, -2, 3],
        [5, 0, 0],
        [-(2 ** 31), -1, -(2 ** 31)],
      ]),
      integers(g.floorDivide, "int8", [[-128, -1, -128]]),
      integers(g.floorDivide, "uint8", [[255, 2, 127]]),
      {
        name: "exact where a / b rounds up",
        inputs: [values([0.3, 0.6, 1], "float64"), values([0.1, 0.2, 0.1], "float64")],
        call: (a, b) => g.floorDivide(a as g.Tensor, b as g.Tensor),
        expected: values([2, 2, 9], "float64"),
      },
    ],
    errors: [notBool("floorDivide", (x) => g.floorDivide(x, x))],
  }),
  truncDivide: binaryRow({
    op: g.truncDivide,
    f: truncQuotient,
    domains: quotientDomains,
    names: { torch: 'div(rounding_mode="trunc")' },
    dtypes: number,
    gradient: true,
    samples: [
      integers(g.truncDivide, "int32", [
        [-7, 2, -3],
        [5, 0, 0],
      ]),
    ],
    errors: [notBool("truncDivide", (x) => g.truncDivide(x, x))],
  }),
  clamp: {
    names: { torch: "clamp", numpy: "clip", tfjs: "clipByValue" },
    dtypes: same,
    gradient: true,
    samples: [
      {
        inputs: [
          values([
            [-2, -0.5, 0],
            [0.5, 1, 2],
          ]),
        ],
        call: (x) => g.clamp(x as g.Tensor, -1, 1),
        expected: (x) => zip((a) => Math.min(Math.max(a, -1), 1), x as Values),
        smooth: false,
      },
      {
        name: "tensor bounds",
        inputs: [random([2, 3], -2, 2), random([3], -1, -0.5, 2), random([2, 1], 0.5, 1, 3)],
        call: (x, low, high) => g.clamp(x as g.Tensor, low, high),
        expected: (...xs) =>
          zip((a, low, high) => Math.min(Math.max(a as number, low as number), high as number), ...xs),
      },
      {
        name: "one bound",
        inputs: [values([-2, 2, inf, -inf, nan])],
        call: (x) => [g.clamp(x as g.Tensor, 0), g.clamp(x as g.Tensor, undefined, 0)],
        expected: [values([0, 2, inf, 0, nan]), values([-2, 0, 0, -inf, nan])],
        smooth: false,
      },
      {
        name: "crossed bounds give the upper one",
        inputs: [values([-2, 2])],
        call: (x) => g.clamp(x as g.Tensor, 1, -1),
        expected: values([-1, -1]),
      },
    ],
    typed: {
      inputs: [values([-2, 0, 1, 3])],
      call: (x) => g.clamp(x as g.Tensor, x as g.Tensor, x as g.Tensor),
      expected: (x) => x as Values,
    },
    derivatives: [
      {
        name: "passes at the bounds",
        inputs: [values([-2, -1, 0, 1, 2])],
        call: (x) => g.clamp(x as g.Tensor, -1, 1),
        expected: [[0, 1, 1, 1, 0]],
      },
    ],
    errors: [
      { call: () => g.clamp(g.zeros([2])), error: ArgumentError, text: "[clamp] needs a lower or an upper bound" },
    ],
  },
  nanToNum: {
    names: { torch: "nan_to_num", numpy: "nan_to_num" },
    dtypes: same,
    gradient: true,
    samples: [
      {
        inputs: [values([1, -2, 0])],
        call: (x) => g.nanToNum(x as g.Tensor),
        expected: (x) => x as Values,
      },
      {
        inputs: [values([nan, inf, -inf, 1])],
        call: (x) => g.nanToNum(x as g.Tensor, { nan: 5, positive: 6, negative: -7 }),
        expected: values([5, 6, -7, 1]),
        smooth: false,
      },
      {
        inputs: [values([nan, inf, -inf], "float32")],
        call: (x) => g.nanToNum(x as g.Tensor),
        expected: values([0, 3.4028234663852886e38, -3.4028234663852886e38]),
      },
      {
        inputs: [values([nan, inf, -inf], "float16")],
        call: (x) => g.nanToNum(x as g.Tensor),
        expected: values([0, 65504, -65504], "float16"),
      },
    ],
    derivatives: [
      {
        name: "0 where replaced",
        inputs: [values([nan, inf, 1])],
        call: (x) => g.nanToNum(x as g.Tensor).square(),
        expected: [[0, 0, 2]],
      },
    ],
    errors: [],
  },
  lerp: {
    names: { torch: "lerp" },
    dtypes: real,
    gradient: true,
    tolerance: 8,
    scale: "result",
    samples: [
      {
        inputs: [random([2, 3], -2, 2), random([3], -2, 2, 2), random([2, 1], 0.1, 0.4, 3)],
        call: (a, b, w) => g.lerp(a as g.Tensor, b as g.Tensor, w as g.Tensor),
        expected: (...xs) => zip((a, b, w) => (a as number) + (w as number) * ((b as number) - (a as number)), ...xs),
      },
      {
        name: "exact at both ends",
        inputs: [values([0.1, 0.1]), values([0.7, 0.7]), values([0, 1])],
        call: (a, b, w) => g.lerp(a as g.Tensor, b as g.Tensor, w as g.Tensor),
        expected: (a, b) => shaped([2], [(a as Values).data[0] as number, (b as Values).data[1] as number]),
      },
    ],
    errors: [],
  },
  copysign: binaryRow({
    op: g.copysign,
    f: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
    domains: [
      [-3, -0.5],
      [0.5, 3],
    ],
    edges: [0, -0, 1, -2.5, inf, -inf],
    names: { torch: "copysign", numpy: "copysign" },
    gradient: true,
    derivatives: [
      {
        name: "0 at 0",
        inputs: [values([0, 2, -2]), values([1, -1, -1])],
        call: (a, b) => g.copysign(a as g.Tensor, b as g.Tensor),
        expected: [
          [0, -1, 1],
          [0, 0, 0],
        ],
      },
    ],
  }),
  heaviside: binaryRow({
    op: g.heaviside,
    f: (a, b) => (a === 0 ? b : a < 0 ? 0 : a > 0 ? 1 : Number.NaN),
    domains: [
      [0.5, 3],
      [-3, 3],
    ],
    names: { torch: "heaviside", numpy: "heaviside" },
    dtypes: number,
    gradient: true,
    errors: [notBool("heaviside", (x) => g.heaviside(x, x))],
  }),
  radians: unaryRow({
    op: g.radians,
    f: (x) => (x * Math.PI) / 180,
    names: { torch: "deg2rad", numpy: "radians" },
    gradient: true,
  }),
  degrees: unaryRow({
    op: g.degrees,
    f: (x) => (x * 180) / Math.PI,
    names: { torch: "rad2deg", numpy: "degrees" },
    gradient: true,
  }),
} satisfies Rows;
