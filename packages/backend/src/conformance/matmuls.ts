import type { DType } from "../dtype.ts";
import { computeType } from "../dtype.ts";
import { formatShape, type Shape } from "../shape.ts";
import { contiguousView, expandView, padView, permuteView, sliceView, type View } from "../view.ts";
import type { Case } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, listed, uniform } from "./random.ts";

const matmul = { kind: "matmul" } as const;

type Sizes = readonly [m: number, k: number, n: number];

/** A contiguous matrix of `shape`, or one that lies transposed in memory. */
const laid = (shape: Shape, transposed: boolean): View => {
  if (!transposed) return contiguousView(shape);
  const order = shape.map((_, d) => d);
  const [a, b] = [shape.length - 2, shape.length - 1];
  [order[a], order[b]] = [b, a];
  return permuteView(contiguousView(order.map((d) => shape[d] as number)), order);
};

const product = (
  name: string,
  batch: Shape,
  [m, k, n]: Sizes,
  left: boolean,
  right: boolean,
  dtype: DType = "float32",
): Case =>
  fused(
    `matmul/${name}`,
    matmul,
    [...batch, m, n],
    [
      operand(dtype, laid([...batch, m, k], left), exactNumbers(1)),
      operand(dtype, laid([...batch, k, n], right), exactNumbers(2)),
    ],
    (nodes) => nodes.accumulator(computeType(dtype)),
  );

const sizes: readonly Sizes[] = [
  [1, 1, 1],
  [0, 3, 5],
  [3, 0, 5],
  [3, 5, 0],
  [0, 0, 0],
  [1, 5, 1],
  [2, 3, 5],
  [5, 3, 2],
  [8, 8, 8],
  [17, 17, 17],
  [1, 100, 130],
  [130, 100, 1],
  [3, 64, 17],
  [17, 3, 64],
  [64, 64, 64],
  [100, 1, 100],
  [130, 5, 8],
  [8, 130, 5],
  [5, 8, 130],
  [100, 130, 64],
  [130, 130, 130],
  [2, 100, 3],
  [64, 17, 100],
  [33, 300, 9],
];

const plainProducts = (): Case[] => [
  ...sizes.map((size) => product(`size/${size.join("x")}`, [], size, false, false)),
  ...(
    [
      [5, 3, 2],
      [17, 8, 64],
      [100, 17, 5],
      [64, 100, 130],
      [1, 17, 8],
      [8, 17, 1],
    ] as const
  ).flatMap((size) =>
    (
      [
        [true, false],
        [false, true],
        [true, true],
      ] as const
    ).map(([left, right]) =>
      product(`transposed/${size.join("x")}${left ? " left" : ""}${right ? " right" : ""}`, [], size, left, right),
    ),
  ),
  ...([[3], [0], [2, 3], [1, 5, 1]] as const).map((batch) =>
    product(`batch/${formatShape(batch)}`, batch, [5, 8, 17], false, false),
  ),
  product("batch/transposed", [3, 2], [8, 17, 5], true, true),
  ...(["float16", "bfloat16", "float64", "int32", "int8", "uint8"] as const).flatMap((dtype) => [
    product(`dtype/${dtype}`, [], [17, 33, 9], false, false, dtype),
    product(`dtype/${dtype} transposed batch`, [2], [5, 17, 8], true, true, dtype),
    product(`dtype/${dtype} few rows, right transposed`, [], [6, 4, 5], false, true, dtype),
  ]),
];

/** Views that only strides can tell: broadcast batches, slices, flips, padding, steps. */
const viewed = (): Case[] => {
  const [m, k, n] = [9, 17, 20];
  const of = (name: string, batch: Shape, left: View, right: View): Case =>
    fused(
      `matmul/view/${name}`,
      matmul,
      [...batch, m, n],
      [operand("float32", left, exactNumbers(3)), operand("float32", right, exactNumbers(4))],
      (nodes) => nodes.accumulator("float32"),
    );
  const x = contiguousView([m, k]);
  const w = contiguousView([k, n]);
  return [
    of("left repeated over the batch", [3], expandView(x, [3, m, k]), contiguousView([3, k, n])),
    of("right repeated over the batch", [3], contiguousView([3, m, k]), expandView(w, [3, k, n])),
    of(
      "each repeated over one batch dimension",
      [2, 3],
      expandView(contiguousView([2, 1, m, k]), [2, 3, m, k]),
      expandView(contiguousView([3, k, n]), [2, 3, k, n]),
    ),
    of(
      "batch in the middle",
      [4],
      permuteView(contiguousView([m, 4, k]), [1, 0, 2]),
      permuteView(contiguousView([k, 4, n]), [1, 0, 2]),
    ),
    of(
      "slices",
      [],
      sliceView(contiguousView([20, 40]), [3, 5], [m, k], [1, 1]),
      sliceView(contiguousView([40, 30]), [2, 7], [k, n], [1, 1]),
    ),
    of(
      "steps",
      [],
      sliceView(contiguousView([20, 40]), [1, 2], [m, k], [2, 2]),
      sliceView(contiguousView([40, 60]), [2, 1], [k, n], [2, 2]),
    ),
    of("flipped", [], sliceView(x, [m - 1, k - 1], [m, k], [-1, -1]), sliceView(w, [k - 1, 0], [k, n], [-1, 1])),
    of(
      "padded",
      [],
      padView(contiguousView([m - 3, k - 2]), [1, 2], [2, 0]),
      padView(contiguousView([k - 1, n - 5]), [1, 2], [0, 3]),
    ),
    of("one row repeated", [], expandView(contiguousView([1, k]), [m, k]), expandView(contiguousView([k, 1]), [k, n])),
  ];
};

const epilogues = (): Case[] => {
  const [m, k, n] = [17, 33, 20];
  const shape = [m, n];
  const factors = () => [operand("float32", [m, k], exactNumbers(1)), operand("float32", [k, n], exactNumbers(2))];
  const perColumn = operand("float32", expandView(contiguousView([n]), shape), exactNumbers(3));
  const perRow = operand("float32", expandView(contiguousView([m, 1]), shape), exactNumbers(4));
  const residual = operand("float32", shape, exactNumbers(5));
  return [
    fused("matmul/epilogue/bias and rectifier", matmul, shape, [...factors(), perColumn], (e) =>
      e.binary("max", e.binary("add", e.accumulator("float32"), e.load(2)), e.constant("float32", 0)),
    ),
    fused(
      "matmul/epilogue/bias, activation, residual",
      matmul,
      shape,
      [...factors(), perColumn, residual],
      (e) => {
        const y = e.unary(
          "tanh",
          e.binary("mul", e.binary("add", e.accumulator("float32"), e.load(2)), e.constant("float32", 0.125)),
        );
        return e.binary("add", e.binary("mul", y, e.scalar("float32", 0)), e.load(3));
      },
      { scalars: [["float32", 0.5]], tolerance: { ulps: 8, absolute: 2 } },
    ),
    fused("matmul/epilogue/bias per row, several outputs", matmul, shape, [...factors(), perRow], (e) => {
      const y = e.binary("add", e.accumulator("float32"), e.load(2));
      return [y, { node: e.compare("gt", y, e.constant("float32", 0)) }, { node: y, dtype: "float16" }];
    }),
    fused("matmul/epilogue/added in place", matmul, shape, [...factors(), residual], (e) => [
      { node: e.binary("add", e.load(2), e.accumulator("float32")), over: 2 },
    ]),
    fused(
      "matmul/epilogue/transposed output",
      matmul,
      [3, m, n],
      [operand("float32", [3, m, k], exactNumbers(1)), operand("float32", [3, k, n], exactNumbers(2))],
      (e) => [{ node: e.accumulator("float32"), strides: [n * m, 1, m] }],
    ),
    fused(
      "matmul/epilogue/heads to the middle",
      matmul,
      [2, 3, m, n],
      [operand("float32", [2, 3, m, k], exactNumbers(1)), operand("float32", [2, 3, k, n], exactNumbers(2))],
      (e) => [{ node: e.accumulator("float32"), strides: [m * 3 * n, n, 3 * n, 1] }],
    ),
    fused(
      "matmul/epilogue/cast of whole numbers",
      matmul,
      shape,
      [operand("int8", [m, k], exactNumbers(1)), operand("int8", [k, n], exactNumbers(2)), perColumn],
      (e) => e.binary("mul", e.cast("float32", e.accumulator("int32")), e.load(2)),
    ),
    fused("matmul/epilogue/accumulator unused", matmul, shape, [...factors(), residual], (e) =>
      e.unary("neg", e.load(2)),
    ),
  ];
};

const numbers = (): Case[] => [
  ...(["float32", "float64"] as const).map((type) =>
    fused(
      `matmul/accuracy/${type}`,
      matmul,
      [65, 33],
      [operand(type, [65, 500], uniform(-1, 1, 1)), operand(type, [500, 33], uniform(-1, 1, 2))],
      (e) => e.accumulator(type),
      { tolerance: { ulps: 8, absolute: 64 } },
    ),
  ),
  fused(
    "matmul/numbers/NaN and infinities",
    matmul,
    [2, 3],
    [
      operand("float32", [2, 2], listed([1, 0, 2, 3])),
      operand("float32", [2, 3], listed([1, Infinity, 2, Number.NaN, 1, -Infinity])),
    ],
    (e) => e.accumulator("float32"),
    { expected: [[Number.NaN, Infinity, Number.NaN, Number.NaN, Infinity, -Infinity]] },
  ),
  fused(
    "matmul/numbers/wrapping",
    matmul,
    [3, 3],
    [
      operand("int32", [3, 5], listed([2147483647, 65537, -46341, 3])),
      operand("int32", [5, 3], listed([65536, 46341, -7])),
    ],
    (e) => e.accumulator("int32"),
  ),
  fused(
    "matmul/numbers/half and single",
    matmul,
    [9, 5],
    [operand("float16", [9, 17], exactNumbers(1)), operand("float32", [17, 5], exactNumbers(2))],
    (e) => e.accumulator("float32"),
  ),
];

/** Matrix products: sizes, layouts, batches, epilogues. */
export const matmuls = (): Case[] => [...plainProducts(), ...viewed(), ...epilogues(), ...numbers()];
