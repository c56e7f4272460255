import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import { contiguousStrides, formatShape } from "../shape.ts";
import type { View } from "../view.ts";
import {
  contiguousView,
  diagonalView,
  expandView,
  padView,
  permuteView,
  reshapeView,
  sliceView,
  windowsView,
} from "../view.ts";
import type { Case, Operand, Stored } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers } from "./random.ts";

const map = { kind: "map" } as const;

/** Shapes where a kernel's loops begin or end badly: empty, rank 0, size 1, odd sizes around vector widths. */
export const shapes: readonly Shape[] = [
  [],
  [0],
  [3, 0, 2],
  [0, 5],
  [1],
  [1, 1, 1],
  [3],
  [5],
  [7],
  [17],
  [33],
  [65],
  [100],
  [1, 5, 1],
  [3, 5, 7],
  [2, 3, 4, 5],
  [17, 33],
  [65, 3],
  [2, 1, 3, 2, 3, 2],
  [1030],
  [3, 1025],
];

const flip = (view: View): View =>
  sliceView(
    view,
    view.shape.map((n) => Math.max(0, n - 1)),
    view.shape,
    view.shape.map(() => -1),
  );

const all = <T>(view: View, value: T): T[] => view.shape.map(() => value);

/** Ways of looking at a buffer. */
export const views = (): Readonly<Record<string, View>> => {
  const matrix = contiguousView([33, 65]);
  const cube = contiguousView([5, 7, 17]);
  const stepped = sliceView(cube, [1, 0, 3], [2, 4, 5], [2, 2, 3]);
  return {
    transposed: permuteView(matrix, [1, 0]),
    "middle and last exchanged": permuteView(cube, [0, 2, 1]),
    "rotated axes": permuteView(cube, [2, 0, 1]),
    "rank 6 reversed axes": permuteView(contiguousView([2, 3, 1, 2, 3, 5]), [5, 4, 3, 2, 1, 0]),
    flipped: flip(matrix),
    "flipped rank 1": flip(contiguousView([100])),
    "every third": sliceView(contiguousView([100]), [1], [33], [3]),
    "backwards by two": sliceView(contiguousView([100]), [99], [50], [-2]),
    stepped,
    "stepped and transposed": permuteView(stepped, [2, 1, 0]),
    "column of a matrix": sliceView(matrix, [0, 7], [33, 1], [1, 1]),
    "one element everywhere": expandView(contiguousView([1]), [5, 33]),
    "row repeated": expandView(contiguousView([65]), [7, 65]),
    "column repeated": expandView(contiguousView([7, 1]), [7, 65]),
    "middle repeated": expandView(contiguousView([3, 1, 17]), [3, 5, 17]),
    "outer and inner repeated": expandView(contiguousView([1, 17, 1]), [3, 17, 9]),
    "huge stride": { shape: [7, 3], strides: [20011, 7001], offset: 5, valid: undefined },
    "huge stride of size 1": { shape: [5, 1], strides: [1, 2 ** 30], offset: 0, valid: undefined },
    padded: padView(matrix, [1, 2], [3, 4]),
    "padded rank 1": padView(contiguousView([17]), [3], [5]),
    "padded before": padView(contiguousView([3, 5]), [2, 0], [0, 0]),
    "padded after": padView(contiguousView([3, 5]), [0, 0], [0, 7]),
    "padded and flipped": flip(padView(contiguousView([5, 9]), [1, 3], [0, 2])),
    "padded and transposed": permuteView(padView(contiguousView([5, 9]), [1, 3], [0, 2]), [1, 0]),
    "padded and stepped": sliceView(padView(contiguousView([20]), [5], [5]), [1], [10], [3]),
    "padded then repeated": expandView(padView(contiguousView([1, 5]), [0, 1], [0, 1]), [3, 7]),
    "padded then split": reshapeView(padView(contiguousView([6]), [6], [6]), [3, 6]) as View,
    "nothing but padding": padView(contiguousView([0, 3]), [2, 0], [3, 0]),
    "padded rank 4": padView(contiguousView([2, 3, 4, 5]), all(contiguousView([1, 1, 1, 1]), 1), [0, 1, 2, 1]),
    diagonal: diagonalView(matrix, 0, 1, 0),
    "upper diagonal of a batch": diagonalView(cube, 1, 2, 3),
    "lower diagonal": diagonalView(matrix, 0, 1, -20),
    "overlapping windows": windowsView(contiguousView([40]), 0, 5, 2, 1) as View,
    "dilated windows": windowsView(contiguousView([3, 40]), 1, 4, 3, 5) as View,
  };
};

const copy = (name: string, dtype: DType, view: View): Case =>
  fused(name, map, view.shape, [operand(dtype, view, exactNumbers(9))], (n) => [{ node: n.load(0), dtype }], {
    signedZeros: true,
  });

/** One buffer that is seen twice. */
const shared = (): Case[] =>
  (["float32", "uint8"] as const).map((dtype) => {
    const view = contiguousView([9, 9]);
    const first = operand(dtype, view, exactNumbers(9));
    const second: Operand = { ...operand(dtype, permuteView(view, [1, 0]), exactNumbers(9)), shares: 0 };
    return fused(`map/one buffer seen twice ${dtype}`, map, [9, 9], [first, second], (n) => [
      n.binary("sub", n.load(0), n.load(1)),
      { node: n.load(1), dtype },
    ]);
  });

const copies = (): Case[] => [
  ...shapes.map((shape) => copy(`map/copy/shape ${formatShape(shape)}`, "float32", contiguousView(shape))),
  ...Object.entries(views()).map(([name, view]) => copy(`map/view/${name}`, "float32", view)),
  ...dtypes.flatMap((dtype) =>
    (["transposed", "stepped and transposed", "padded", "row repeated", "flipped rank 1"] as const).map((name) =>
      copy(`map/view/${name} ${dtype}`, dtype, views()[name] as View),
    ),
  ),
];

const broadcasts = (): Case[] => {
  const pairs: readonly (readonly [Shape, Shape, Shape])[] = [
    [[7, 65], [65], [7, 65]],
    [
      [7, 65],
      [7, 1],
      [7, 65],
    ],
    [
      [7, 1],
      [1, 65],
      [7, 65],
    ],
    [[], [33], [33]],
    [
      [3, 1, 5],
      [4, 1],
      [3, 4, 5],
    ],
    [
      [2, 3, 1, 5],
      [3, 7, 1],
      [2, 3, 7, 5],
    ],
    [[1], [0], [0]],
  ];
  return pairs.map(([a, b, shape]) =>
    fused(
      `map/broadcast/${formatShape(a)} and ${formatShape(b)}`,
      map,
      shape,
      [
        operand("float32", expandView(contiguousView(a), shape), exactNumbers(1)),
        operand("float32", expandView(contiguousView(b), shape), exactNumbers(2)),
      ],
      (n) => n.binary("sub", n.load(0), n.load(1)),
    ),
  );
};

/** x + 2 y of transposed, flipped and padded views at once, and a longer expression. */
const combinations = (): Case[] => {
  const shape = [17, 33];
  const operands = [
    operand("float32", shape, exactNumbers(1)),
    operand("float32", permuteView(contiguousView([33, 17]), [1, 0]), exactNumbers(2)),
    operand("float32", flip(contiguousView(shape)), exactNumbers(3)),
    operand("float32", padView(contiguousView([15, 30]), [1, 1], [1, 2]), exactNumbers(4)),
  ];
  return [
    fused("map/several views", map, shape, operands, (n) => {
      const sum = n.binary("add", n.load(0), n.binary("mul", n.constant("float32", 2), n.load(1)));
      return n.binary("sub", sum, n.binary("max", n.load(2), n.load(3)));
    }),
    fused("map/one input used often", map, [100], [operand("float32", [100], exactNumbers(5))], (n) => {
      const x = n.load(0);
      return n.binary("add", n.binary("mul", x, x), n.binary("add", n.load(0), n.unary("neg", x)));
    }),
    fused("map/long expression", map, [1000], [operand("int32", [1000], exactNumbers(6))], (n) => {
      let x = n.load(0);
      for (let i = 1; i < 60; i++) {
        x = n.binary(i % 3 === 0 ? "xor" : i % 3 === 1 ? "mul" : "add", x, n.constant("int32", i * 7919));
      }
      return x;
    }),
    fused(
      "map/types mixed",
      map,
      [65],
      [
        operand("uint8", [65], exactNumbers(1)),
        operand("int8", [65], exactNumbers(2)),
        operand("float16", [65], exactNumbers(3)),
        operand("bool", [65], exactNumbers(4)),
      ],
      (n) => {
        const whole = n.binary("add", n.load(0), n.load(1));
        const sum = n.binary("mul", n.cast("float32", whole), n.load(2));
        return [{ node: n.select(n.load(3), sum, n.constant("float32", -1)), dtype: "bfloat16" }];
      },
    ),
  ];
};

const outputCases = (): Case[] => {
  const shape = [5, 7, 9];
  const x = () => operand("float32", shape, exactNumbers(7));
  const stored = (name: string, outputs: readonly Omit<Stored, "node">[], over: Operand = x()): Case =>
    fused(`map/output/${name}`, map, over.view.shape, [over], (n) => {
      const load = n.load(0);
      return outputs.map((output, i) => {
        const value = n.binary("add", load, n.constant("float32", i + 1));
        return { node: output.dtype === undefined ? value : n.cast(output.dtype, value), ...output };
      });
    });
  const view = permuteView(contiguousView([9, 5, 7]), [1, 2, 0]);
  return [
    stored("transposed", [{ strides: [1, 5, 35] }]),
    stored("rotated", [{ strides: [9, 45, 1] }]),
    stored("with gaps", [{ strides: [200, 20, 2] }]),
    stored("part of a wider matrix", [{ strides: [7 * 50, 50, 1] }]),
    stored("several", [{}, { strides: [1, 5, 35] }, { dtype: "int32" }, { dtype: "bool" }]),
    stored("several dtypes", [{ dtype: "float16" }, { dtype: "uint8" }, { dtype: "bfloat16" }, { dtype: "int8" }]),
    stored("in place", [{ over: 0 }]),
    stored("in place beside another", [{}, { over: 0 }]),
    stored("in place, permuted", [{ over: 0, strides: view.strides }], operand("float32", view, exactNumbers(8))),
    stored("rank 0", [{}, { dtype: "int32" }], operand("float32", [], exactNumbers(8))),
    stored("empty", [{}, { dtype: "int32" }], operand("float32", [3, 0], exactNumbers(8))),
    fused(
      "map/output/update in place",
      map,
      [1025],
      [
        operand("float32", [1025], exactNumbers(1)),
        operand("float32", [1025], exactNumbers(2)),
        operand("float32", [1025], exactNumbers(3)),
      ],
      (n) => {
        const velocity = n.binary("add", n.binary("mul", n.load(1), n.constant("float32", 0.5)), n.load(2));
        const parameter = n.binary("sub", n.load(0), n.binary("mul", n.scalar("float32", 0), velocity));
        return [
          { node: parameter, over: 0, strides: contiguousStrides([1025]) },
          { node: velocity, over: 1, strides: [1] },
        ];
      },
      { scalars: [["float32", 0.25]] },
    ),
  ];
};

/** Map kernels: views, broadcasting, several outputs, outputs over inputs. */
export const maps = (): Case[] => [...copies(), ...shared(), ...broadcasts(), ...combinations(), ...outputCases()];
