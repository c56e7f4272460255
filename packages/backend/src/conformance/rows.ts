import type { ComputeType, DType } from "../dtype.ts";
import type { NodeId } from "../expression.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import { contiguousView, expandView, permuteView } from "../view.ts";
import type { Case, Tolerance } from "./case.ts";
import { fused, operand } from "./case.ts";
import type { Nodes } from "./nodes.ts";
import { exactNumbers, listed, uniform } from "./random.ts";

const by = (reduced: number) => ({ kind: "row", reduced }) as const;
const tolerance: Tolerance = { ulps: 32, absolute: 16 };

/** exp(x - max x) / Σ exp(x - max x) */
const softmax = (n: Nodes, x: NodeId): NodeId => {
  const shifted = n.unary("exp", n.binary("sub", x, n.reduce("max", x)));
  return n.binary("div", shifted, n.reduce("sum", shifted));
};

/** Mean and variance over `length` elements. */
const moments = (n: Nodes, x: NodeId, length: number): { centered: NodeId; mean: NodeId; variance: NodeId } => {
  const inverse = n.constant(n.typeOf(x), 1 / length);
  const mean = n.binary("mul", n.reduce("sum", x), inverse);
  const centered = n.binary("sub", x, mean);
  const variance = n.binary("mul", n.reduce("sum", n.binary("mul", centered, centered)), inverse);
  return { centered, mean, variance };
};

const softmaxCases = (): Case[] => {
  const list: readonly (readonly [Shape, number])[] = [
    [[1], 1],
    [[5], 1],
    [[0, 5], 1],
    [[1, 1], 1],
    [[64, 10], 1],
    [[3, 17], 1],
    [[5, 100], 1],
    [[2, 3, 4, 5], 2],
    [[2, 3, 4], 3],
    [[3, 1000], 1],
    [[2, 12345], 1],
    [[70, 3], 1],
  ];
  return [
    ...list.map(([shape, reduced]) =>
      fused(
        `row/softmax/last ${reduced} of ${formatShape(shape)}`,
        by(reduced),
        shape,
        [operand("float32", shape, uniform(-4, 4, 2))],
        (n) => softmax(n, n.load(0)),
        { tolerance },
      ),
    ),
    ...(["float16", "bfloat16", "float64"] as const).map((dtype: DType) =>
      fused(
        `row/softmax/${dtype}`,
        by(1),
        [7, 33],
        [operand(dtype, [7, 33], uniform(-4, 4, 3))],
        (n) => [{ node: softmax(n, n.load(0)), dtype }],
        { tolerance },
      ),
    ),
    fused(
      "row/softmax/in place",
      by(1),
      [9, 50],
      [operand("float32", [9, 50], uniform(-4, 4, 4))],
      (n) => [{ node: softmax(n, n.load(0)), over: 0 }],
      { tolerance },
    ),
    ...(["float32", "float16"] as const).flatMap((dtype: DType) =>
      [133, 9001].map((length) =>
        fused(
          `row/update in place/${dtype} ${length}`,
          by(1),
          [3, length],
          [0, 1, 2].map((seed) => operand(dtype, [3, length], uniform(-1, 1, seed))),
          (n) => {
            const velocity = n.binary("add", n.binary("mul", n.load(1), n.constant("float32", 0.5)), n.load(2));
            const size = n.reduce("max", n.unary("abs", velocity));
            const parameter = n.binary("sub", n.load(0), n.binary("div", velocity, size));
            return [
              { node: parameter, over: 0, dtype },
              { node: velocity, over: 1, dtype },
              { node: size, dtype },
            ];
          },
          { tolerance },
        ),
      ),
    ),
    fused(
      "row/softmax/transposed in and out",
      by(1),
      [9, 20],
      [operand("float32", permuteView(contiguousView([20, 9]), [1, 0]), uniform(-4, 4, 5))],
      (n) => [{ node: softmax(n, n.load(0)), strides: [1, 9] }],
      { tolerance },
    ),
    fused(
      "row/softmax/infinite and NaN",
      by(1),
      [4, 3],
      [
        operand(
          "float32",
          [4, 3],
          listed([-Infinity, 0, 0, 1, Number.NaN, 2, -Infinity, -Infinity, 3, 1e30, 1e30, -1e30]),
        ),
      ],
      (n) => softmax(n, n.load(0)),
      { tolerance, expected: [[0, 0.5, 0.5, Number.NaN, Number.NaN, Number.NaN, 0, 0, 1, 0.5, 0.5, 0]] },
    ),
    fused(
      "row/softmax/logarithm with kept output",
      by(1),
      [17, 10],
      [operand("float32", [17, 10], uniform(-4, 4, 6))],
      (n) => {
        const x = n.load(0);
        const high = n.reduce("max", x);
        const sum = n.reduce("sum", n.unary("exp", n.binary("sub", x, high)));
        const total = n.binary("add", n.unary("log", sum), high);
        return [n.binary("sub", x, total), total];
      },
      { tolerance },
    ),
    fused(
      "row/softmax/causal",
      by(1),
      [9, 9],
      [operand("float32", [9, 9], uniform(-4, 4, 7))],
      (n) => {
        const row = n.index({ ...contiguousView([9, 9]), strides: [1, 0] });
        const column = n.index({ ...contiguousView([9, 9]), strides: [0, 1] });
        return softmax(n, n.select(n.compare("le", column, row), n.load(0), n.constant("float32", -Infinity)));
      },
      { tolerance },
    ),
  ];
};

const layerNorm = (type: ComputeType, shape: Shape, reduced: number): Case => {
  const last = shape.slice(shape.length - reduced);
  const affine = (seed: number) => operand(type, expandView(contiguousView(last), shape), uniform(0.5, 1.5, seed));
  return fused(
    `row/layer norm/${type} last ${reduced} of ${formatShape(shape)}`,
    by(reduced),
    shape,
    [operand(type, shape, uniform(-2, 2, 1)), affine(2), affine(3)],
    (n) => {
      const { centered, mean, variance } = moments(n, n.load(0), sizeOf(last));
      const deviation = n.unary("sqrt", n.binary("add", variance, n.scalar(type, 0)));
      const normal = n.binary("div", centered, deviation);
      return [n.binary("add", n.binary("mul", normal, n.load(1)), n.load(2)), mean, deviation];
    },
    { tolerance, scalars: [[type, 1e-5]] },
  );
};

const shapesOfWork = (): Case[] => {
  const shape = [13, 21];
  const x = (seed = 1) => operand("float32", shape, exactNumbers(seed));
  const perRow = (seed: number) => operand("float32", expandView(contiguousView([13, 1]), shape), exactNumbers(seed));
  return [
    fused("row/kept value stored along the row", by(1), shape, [x()], (n) => {
      const high = n.reduce("max", n.load(0));
      return [
        { node: high, strides: [21, 1] },
        { node: high, strides: [1] },
      ];
    }),
    fused("row/kept load", by(1), shape, [x(), perRow(2)], (n) =>
      n.binary("sub", n.binary("mul", n.load(0), n.load(1)), n.reduce("sum", n.load(0))),
    ),
    fused("row/three reductions deep", by(1), shape, [x(3)], (n) => {
      const a = n.binary("sub", n.load(0), n.reduce("max", n.load(0)));
      const b = n.binary("sub", a, n.reduce("min", a));
      const c = n.reduce("sum", n.binary("mul", b, n.constant("float32", 0.5)));
      return [n.binary("add", b, c), a, c];
    }),
    fused("row/no reduction", by(1), shape, [x(4), perRow(5)], (n) => [
      n.binary("add", n.load(0), n.load(1)),
      n.unary("neg", n.load(1)),
    ]),
    fused("row/kept outputs only", by(1), shape, [x(6)], (n) => [
      n.reduce("argmax", n.load(0)),
      n.reduce("sum", n.load(0)),
    ]),
    fused("row/largest marked", by(1), shape, [x(7)], (n) => {
      const column = n.index({ ...contiguousView(shape), strides: [0, 1] });
      const marked = n.compare("eq", column, n.reduce("argmax", n.load(0)));
      return [marked, n.reduce("all", marked), n.reduce("any", marked)];
    }),
    fused("row/reduced 0", by(0), [7], [operand("float32", [7], exactNumbers(8))], (n) =>
      n.binary("sub", n.load(0), n.reduce("max", n.load(0))),
    ),
    fused("row/empty rows", by(1), [3, 0], [operand("float32", [3, 0], exactNumbers())], (n) => {
      const sum = n.reduce("sum", n.load(0));
      return [n.binary("sub", n.load(0), sum), sum];
    }),
    fused("row/whole numbers", by(1), [5, 33], [operand("int32", [5, 33], exactNumbers(9))], (n) => {
      const high = n.reduce("max", n.load(0));
      return [
        n.binary("sub", n.load(0), high),
        n.reduce("sum", n.select(n.compare("eq", n.load(0), high), n.load(0), n.constant("int32", 0))),
      ];
    }),
    fused("row/long", by(1), [2, 20011], [operand("float32", [2, 20011], exactNumbers(10))], (n) => {
      const x = n.load(0);
      const high = n.reduce("max", x);
      const count = n.reduce("sum", n.cast("int32", n.compare("eq", x, high)));
      return [n.binary("sub", x, high), count, n.reduce("argmin", x)];
    }),
    fused(
      "row/loss of classes",
      by(1),
      [16, 10],
      [
        operand("float32", [16, 10], uniform(-3, 3, 1)),
        operand("int32", expandView(contiguousView([16, 1]), [16, 10]), listed([0, 3, 9, 2, 5, 1])),
      ],
      (n) => {
        const x = n.load(0);
        const high = n.reduce("max", x);
        const shifted = n.binary("sub", x, high);
        const exps = n.unary("exp", shifted);
        const sum = n.reduce("sum", exps);
        const column = n.index({ ...contiguousView([16, 10]), strides: [0, 1] });
        const chosen = n.compare("eq", column, n.load(1));
        const zero = n.constant("float32", 0);
        const label = n.reduce("sum", n.select(chosen, shifted, zero));
        const gradient = n.binary("sub", n.binary("div", exps, sum), n.cast("float32", chosen));
        return [n.binary("sub", n.unary("log", sum), label), gradient];
      },
      { tolerance },
    ),
  ];
};

/** Row kernels: softmax, normalisation, and every mixture of kept and full values. */
export const rows = (): Case[] => [
  ...softmaxCases(),
  layerNorm("float32", [5, 17], 1),
  layerNorm("float32", [2, 4, 4, 3], 3),
  layerNorm("float32", [3, 1024], 1),
  layerNorm("float32", [2, 11000], 1),
  layerNorm("float64", [5, 17], 1),
  ...shapesOfWork(),
];
