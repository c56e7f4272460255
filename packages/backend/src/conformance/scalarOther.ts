import type { ComputeType, DType } from "../dtype.ts";
import { computeType, dtypes, isFloat } from "../dtype.ts";
import type { BinaryOp, ComparisonOp, Reduction, ScalarOp, UnaryOp } from "../expression.ts";
import { reductions } from "../expression.ts";
import { bitcastTypes, reductionTypes } from "../operands.ts";
import { contiguousView, padView, permuteView, sliceView } from "../view.ts";
import type { Case } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, integers, listed } from "./random.ts";
import { binary, comparisons } from "./scalarBinary.ts";
import { unary } from "./scalarUnary.ts";

const computeTypes: readonly ComputeType[] = ["float32", "float64", "int32", "uint32", "bool"];
const map = { kind: "map" } as const;

/** Values of every kind that a dtype can hold. */
export const special: Readonly<Record<DType, readonly number[]>> = {
  float32: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 3.4028234663852886e38, 1.1754943508222875e-38, 0.1],
  float16: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 65504, 2 ** -14, 2 ** -24, -1023 * 2 ** -24, 0.1],
  bfloat16: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 3.3895313892515355e38, 2 ** -126, 0.1],
  float64: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, 2.2250738585072014e-308, 0.1],
  int32: [0, 1, -1, 2147483647, -2147483648, 255, 65536],
  uint32: [0, 1, 4294967295, 2147483648, 255, 65536],
  int8: [0, 1, -1, 127, -128],
  uint8: [0, 1, 127, 128, 255],
  bool: [0, 1],
};

/** Numbers around every border that a cast may meet. */
const borders = [
  0,
  -0,
  0.5,
  -0.5,
  1,
  1.5,
  2.5,
  -1.5,
  -2.5,
  127,
  128,
  129,
  -128,
  -129,
  255,
  256,
  300,
  -300,
  1e-5,
  3.3e-6,
  6e-8,
  2.9e-8,
  3e-8,
  1.0009765625,
  1.00048828125,
  1.0014648,
  1.00390625,
  1.01171875,
  2049,
  2051,
  65504,
  65519,
  65520,
  65536,
  -65519,
  -65520,
  2147483520,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  -3e9,
  4294967040,
  4294967295,
  4294967296,
  1e10,
  -1e10,
  16777217,
  3e38,
  -3e38,
  Number.NaN,
  Infinity,
  -Infinity,
];
/** Only float64 tells these from float32 numbers. */
const fine = [1e300, -1e300, 1e-300, 1 + 2 ** -40, 16777217.5, 3.4028235677973366e38, 3.4028236e38, 0.1];

const castCases = (): Case[] =>
  dtypes.flatMap((from) =>
    dtypes.map((to) => {
      const values = isFloat(from) ? [...borders, ...(from === "float64" ? fine : [])] : special[from];
      return fused(
        `scalar/cast/${from} to ${to}`,
        map,
        [values.length],
        [operand(from, [values.length], listed(values))],
        (n) => [{ node: n.cast(to, n.load(0)), dtype: to }],
        { signedZeros: true },
      );
    }),
  );

/** A cast inside an expression rounds there, not only where a result is stored. */
const innerCasts = (): Case[] =>
  (["float16", "bfloat16", "int8", "uint8", "bool"] as const).map((to) => {
    const wide = computeType(to);
    return fused(
      `scalar/cast/inside to ${to}`,
      map,
      [borders.length],
      [operand("float32", [borders.length], listed(borders))],
      (n) => {
        const rounded = n.cast(to, n.load(0));
        return wide === "bool" ? n.unary("not", rounded) : n.binary("add", rounded, n.constant(wide, 1));
      },
    );
  });

const selectCases = (): Case[] =>
  computeTypes.map((type) =>
    fused(
      `scalar/select/${type}`,
      map,
      [70],
      [
        operand("bool", [70], exactNumbers(1)),
        operand(type, [70], listed(special[type])),
        operand(type, [70], exactNumbers(2)),
      ],
      (n) => n.select(n.load(0), n.load(1), n.load(2)),
      { signedZeros: true },
    ),
  );

/** `x > 0 ? 1 / x : 0`: the branch that is not taken is infinite or NaN. */
const guardedBranch = (): Case =>
  fused(
    "scalar/select/branch not taken",
    map,
    [7],
    [operand("float32", [7], listed([0, -1, 2, Number.NaN, Infinity, -0, 0.25]))],
    (n) => {
      const x = n.load(0);
      const positive = n.compare("gt", x, n.constant("float32", 0));
      const inverse = n.binary("div", n.constant("float32", 1), x);
      return n.select(positive, inverse, n.binary("mul", n.constant("float32", 0), n.constant("float32", 0)));
    },
    { expected: [[0, 0, 0.5, 0, 0, 0, 4]] },
  );

const bitcastCases = (): Case[] =>
  bitcastTypes.flatMap((from) =>
    bitcastTypes.map((to) => {
      const values =
        from === "float32" ? [0, -0, 1, -1.5, 3e38, Infinity, -Infinity, 1e-30] : [...special[from], 1065353216];
      return fused(
        `scalar/bitcast/${from} to ${to}`,
        map,
        [values.length],
        [operand(from, [values.length], listed(values))],
        (n) => n.bitcast(to, n.load(0)),
        { signedZeros: true },
      );
    }),
  );

const threefryCases = (): Case[] => {
  const known = [
    [0, 0, 0, 0],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
  ];
  const words = (name: string, list: readonly (readonly number[])[], expected: readonly number[][]): Case =>
    fused(
      name,
      map,
      [list.length],
      [0, 1, 2, 3].map((word) => operand("uint32", [list.length], listed(list.map((row) => row[word] as number)))),
      (n) => n.threefry(n.load(0), n.load(1), n.load(2), n.load(3)),
      { expected },
    );
  const draw = integers(0, 4294967295, 5)("uint32", 4 * 67);
  const many = Array.from({ length: 67 }, (_, i) => draw.slice(4 * i, 4 * i + 4));
  return [
    words("scalar/threefry/known answers", known, [[0x6b200159, 0x1cb996fc, 0xc4923a9c]]),
    words("scalar/threefry/random", many, []),
    fused(
      "scalar/threefry/counted",
      map,
      [33, 7],
      [],
      (n) => {
        const position = n.bitcast("uint32", n.index(contiguousView([33, 7])));
        const zero = n.constant("uint32", 0);
        return n.threefry(n.scalar("uint32", 0), n.scalar("uint32", 1), position, zero);
      },
      {
        scalars: [
          ["uint32", 4000000000],
          ["uint32", 17],
        ],
      },
    ),
  ];
};

const constantCases = (): Case[] =>
  computeTypes.flatMap((type) =>
    special[type].map((value) =>
      fused(
        `scalar/constant/${type} ${Object.is(value, -0) ? "-0" : value}`,
        map,
        [3],
        [],
        (n) => n.constant(type, value),
        {
          signedZeros: true,
        },
      ),
    ),
  );

const scalarCases = (): Case[] => [
  ...computeTypes.map((type) => {
    const values = special[type].filter((value) => Math.abs(value) < Infinity).slice(0, 4);
    return fused(`scalar/scalar/${type}`, map, [3], [], (n) => values.map((_, slot) => n.scalar(type, slot)), {
      scalars: values.map((value) => [type, value] as const),
      signedZeros: true,
    });
  }),
  fused(
    "scalar/scalar/mixed",
    map,
    [5],
    [operand("float32", [5], exactNumbers(3))],
    (n) => {
      const scaled = n.binary("mul", n.load(0), n.scalar("float32", 0));
      const shifted = n.binary("add", scaled, n.cast("float32", n.scalar("int32", 1)));
      return n.select(n.scalar("bool", 2), shifted, n.cast("float32", n.scalar("uint32", 3)));
    },
    {
      scalars: [
        ["float32", 0.5],
        ["int32", -3],
        ["bool", 1],
        ["uint32", 7],
      ],
    },
  ),
  fused("scalar/scalar/rounded to float32", map, [2], [], (n) => n.scalar("float32", 0), {
    scalars: [["float32", 0.1]],
    expected: [[Math.fround(0.1), Math.fround(0.1)]],
  }),
];

const loadCases = (): Case[] =>
  dtypes.map((dtype) =>
    fused(
      `scalar/load/${dtype}`,
      map,
      [33],
      [operand(dtype, [33], listed(special[dtype]))],
      (n) => [{ node: n.load(0), dtype }],
      { signedZeros: true },
    ),
  );

const indexCases = (): Case[] => {
  const grid = contiguousView([3, 5, 7]);
  const reversed = sliceView(grid, [2, 4, 6], [3, 5, 7], [-1, -1, -1]);
  const views = {
    rows: { ...grid, strides: [0, 1, 0] },
    linear: grid,
    transposed: permuteView(contiguousView([7, 5, 3]), [2, 1, 0]),
    reversed,
    masked: padView(sliceView(grid, [0, 0, 0], [2, 3, 5], [1, 2, 1]), [1, 0, 2], [0, 2, 0]),
    shifted: { ...grid, offset: -1000, strides: [-7, 300, 100000] },
  };
  return Object.entries(views).map(([name, view]) =>
    fused(`scalar/index/${name}`, map, [3, 5, 7], [], (n) => n.index(view)),
  );
};

const accumulatorCases = (): Case[] =>
  (["float32", "float64", "int32"] as const).map((type) =>
    fused(
      `scalar/accumulator/${type}`,
      { kind: "matmul" },
      [5, 7],
      [operand(type, [5, 3], exactNumbers(1)), operand(type, [3, 7], exactNumbers(2))],
      (n) => n.binary("mul", n.accumulator(type), n.accumulator(type)),
    ),
  );

/** Their products are exact. */
const factors: Readonly<Record<ComputeType, readonly number[]>> = {
  float32: [1.5, 2, -1, 0.5, 1, -3, 1.25, 0.75],
  float64: [1.5, 2, -1, 0.5, 1, -3, 1.25, 0.75],
  int32: [1, 2, -3, 5, 7, -11, 13, 17],
  uint32: [1, 2, 3, 5, 7, 11, 13, 65537],
  bool: [1],
};

/** Every reduction of every type that it takes. */
export const reductionCases: { readonly [R in Reduction]: () => Case[] } = Object.fromEntries(
  reductions.map((reduction) => [
    reduction,
    () =>
      (reductionTypes[reduction] as readonly ComputeType[]).map((type) =>
        fused(
          `scalar/reduce/${reduction}/${type}`,
          { kind: "reduce", reduced: 1 },
          [9, 7],
          [operand(type, [9, 7], reduction === "prod" ? listed(factors[type]) : exactNumbers(4))],
          (n) => n.reduce(reduction, n.load(0)),
        ),
      ),
  ]),
) as Record<Reduction, () => Case[]>;

/** Cases of every scalar operation: a missing one does not compile. */
export const scalarOps: { readonly [Op in ScalarOp]: () => Case[] } = {
  ...(unary satisfies Record<UnaryOp, unknown>),
  ...(binary satisfies Record<BinaryOp, unknown>),
  ...(comparisons satisfies Record<ComparisonOp, unknown>),
  select: () => [...selectCases(), guardedBranch()],
  cast: () => [...castCases(), ...innerCasts()],
  bitcast: bitcastCases,
  threefry: threefryCases,
  constant: constantCases,
  scalar: scalarCases,
  load: loadCases,
  index: indexCases,
  accumulator: accumulatorCases,
  reduce: () => Object.values(reductionCases).flatMap((cases) => cases()),
};
