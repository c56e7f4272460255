import type { ComputeType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import type { BinaryOp, ComparisonOp, Reduction, ScalarOp, UnaryOp } from "../expression.ts";
import { reductions } from "../expression.ts";
import { reductionTypes } from "../operands.ts";
import { contiguousView, padView, permuteView, sliceView } from "../view.ts";
import type { Case } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, integers, listed } from "./random.ts";
import { binary, comparisons } from "./scalarBinary.ts";
import { bitcasts, casts } from "./scalarCast.ts";
import { unary } from "./scalarUnary.ts";
import { special } from "./special.ts";

const computeTypes: readonly ComputeType[] = ["float32", "float64", "int32", "uint32", "bool"];
const map = { kind: "map" } as const;

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
  cast: casts,
  bitcast: bitcasts,
  threefry: threefryCases,
  constant: constantCases,
  scalar: scalarCases,
  load: loadCases,
  index: indexCases,
  accumulator: accumulatorCases,
  reduce: () => Object.values(reductionCases).flatMap((cases) => cases()),
};
