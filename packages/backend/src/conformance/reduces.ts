import type { ComputeType } from "../dtype.ts";
import { formatShape, type Shape } from "../shape.ts";
import { contiguousView, expandView, padView, permuteView } from "../view.ts";
import type { Case } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, integers, listed, uniform } from "./random.ts";

const by = (reduced: number) => ({ kind: "reduce", reduced }) as const;

const shapeCases = (): Case[] => {
  const list: readonly (readonly [Shape, number])[] = [
    [[], 0],
    [[5], 0],
    [[1], 1],
    [[5], 1],
    [[100], 1],
    [[0], 1],
    [[3, 0], 1],
    [[0, 3], 1],
    [[3, 0, 2], 2],
    [[3, 7], 1],
    [[1, 17], 1],
    [[17, 1], 1],
    [[2, 3, 4], 2],
    [[2, 3, 4], 3],
    [[65, 100], 1],
    [[65, 100], 2],
    [[3, 1030], 1],
    [[33, 3, 5], 1],
    [[10007], 1],
    [[2000, 2], 1],
  ];
  return list.flatMap(([shape, reduced]) =>
    (["sum", "max", "argmin"] as const).map((reduction) =>
      fused(
        `reduce/${reduction}/last ${reduced} of ${formatShape(shape)}`,
        by(reduced),
        shape,
        [operand("float32", shape, exactNumbers(2))],
        (n) => n.reduce(reduction, n.load(0)),
      ),
    ),
  );
};

/** Sums over dimensions that are not the last in memory. */
const orders = (): Case[] => {
  const reduceOver = (name: string, axes: readonly number[], reduced: number): Case => {
    const view = permuteView(contiguousView([7, 9, 33]), axes);
    return fused(`reduce/order/${name}`, by(reduced), view.shape, [operand("float32", view, exactNumbers(3))], (n) => [
      n.reduce("sum", n.load(0)),
      n.reduce("argmax", n.load(0)),
    ]);
  };
  return [
    reduceOver("leading", [1, 2, 0], 1),
    reduceOver("two leading", [2, 0, 1], 2),
    reduceOver("middle", [0, 2, 1], 1),
    reduceOver("first and last", [1, 0, 2], 2),
    reduceOver("all, permuted", [2, 1, 0], 3),
  ];
};

const nan = Number.NaN;

/** Ties, NaN, infinities, empty reductions of every kind. */
const edges = (): Case[] => {
  const rows = [
    [1, 3, 3, 2, 3],
    [nan, 1, 2, nan, 3],
    [5, 4, nan, 1, 9],
    [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
    [Infinity, 1, Infinity, -Infinity, 0],
    [2, 2, 2, 2, 2],
    [-1, -3, -3, -2, -3],
  ];
  const x = () => operand("float32", [7, 5], listed(rows.flat()));
  const of = (a: "max" | "min" | "argmax" | "argmin", expected: readonly number[]): Case =>
    fused(`reduce/${a}/ties and NaN`, by(1), [7, 5], [x()], (n) => n.reduce(a, n.load(0)), { expected: [expected] });
  const empty = (
    type: ComputeType,
    reductions: readonly ("sum" | "prod" | "max" | "min" | "any" | "all")[],
    expected: readonly number[][],
  ) =>
    fused(
      `reduce/empty/${type}`,
      by(1),
      [2, 0],
      [operand(type, [2, 0], exactNumbers())],
      (n) => reductions.map((reduction) => n.reduce(reduction, n.load(0))),
      { expected },
    );
  const both = (x: number): number[] => [x, x];
  return [
    of("max", [3, nan, nan, -Infinity, Infinity, 2, -1]),
    of("min", [1, nan, nan, -Infinity, -Infinity, 2, -3]),
    of("argmax", [1, 0, 2, 0, 0, 0, 0]),
    of("argmin", [0, 0, 2, 0, 3, 0, 1]),
    empty("float32", ["sum", "prod", "max", "min"], [both(0), both(1), both(-Infinity), both(Infinity)]),
    empty("float64", ["sum", "prod", "max", "min"], [both(0), both(1), both(-Infinity), both(Infinity)]),
    empty("int32", ["sum", "prod", "max", "min"], [both(0), both(1), both(-2147483648), both(2147483647)]),
    empty("uint32", ["sum", "prod", "max", "min"], [both(0), both(1), both(0), both(4294967295)]),
    empty("bool", ["any", "all"], [both(0), both(1)]),
    fused(
      "reduce/empty/positions",
      by(1),
      [2, 0],
      [operand("float32", [2, 0], exactNumbers())],
      (n) => [n.reduce("argmax", n.load(0)), n.reduce("argmin", n.load(0))],
      {
        expected: [
          [0, 0],
          [0, 0],
        ],
      },
    ),
    fused(
      "reduce/sum/NaN and infinities",
      by(1),
      [4, 3],
      [operand("float32", [4, 3], listed([1, nan, 2, Infinity, 1, 2, Infinity, -Infinity, 0, 3, 4, 5]))],
      (n) => n.reduce("sum", n.load(0)),
      { expected: [[nan, Infinity, nan, 12]] },
    ),
    fused(
      "reduce/wrap/int32",
      by(1),
      [3, 40],
      [operand("int32", [3, 40], integers(-2147483648, 2147483647, 3))],
      (n) => [n.reduce("sum", n.load(0)), n.reduce("prod", n.binary("or", n.load(0), n.constant("int32", 1)))],
    ),
    fused("reduce/wrap/uint32", by(1), [3, 40], [operand("uint32", [3, 40], integers(0, 4294967295, 3))], (n) => [
      n.reduce("sum", n.load(0)),
      n.reduce("prod", n.binary("or", n.load(0), n.constant("uint32", 1))),
    ]),
  ];
};

const fusions = (): Case[] => {
  const shape = [33, 17];
  const kept = (seed: number) => operand("float32", expandView(contiguousView([33, 1]), shape), exactNumbers(seed));
  const matrix = () => operand("float32", shape, exactNumbers(1));
  return [
    fused(
      "reduce/prologue",
      by(1),
      shape,
      [matrix(), operand("float32", permuteView(contiguousView([17, 33]), [1, 0]), exactNumbers(2))],
      (n) => n.reduce("sum", n.binary("mul", n.load(0), n.load(1))),
    ),
    fused(
      "reduce/epilogue",
      by(1),
      shape,
      [matrix(), kept(2)],
      (n) => {
        const total = n.binary("mul", n.reduce("sum", n.load(0)), n.scalar("float32", 0));
        return n.binary("max", n.binary("add", total, n.load(1)), n.constant("float32", 0));
      },
      { scalars: [["float32", 0.5]] },
    ),
    fused("reduce/kept value inside", by(1), shape, [matrix(), kept(3)], (n) => {
      const difference = n.binary("sub", n.load(0), n.load(1));
      return n.reduce("sum", n.binary("mul", difference, difference));
    }),
    fused("reduce/of a kept value", by(1), shape, [kept(4)], (n) => [
      n.reduce("sum", n.load(0)),
      n.reduce("sum", n.constant("int32", 3)),
    ]),
    fused("reduce/no reduction at all", by(1), shape, [kept(5)], (n) => n.unary("neg", n.load(0))),
    fused("reduce/several at once", by(1), shape, [matrix()], (n) => {
      const x = n.load(0);
      const low = n.reduce("min", x);
      const high = n.reduce("max", x);
      return [low, high, n.reduce("argmax", x), n.binary("sub", high, low)];
    }),
    fused(
      "reduce/other types",
      by(2),
      [5, 4, 9],
      [operand("int8", [5, 4, 9], exactNumbers(3)), operand("float16", [5, 4, 9], exactNumbers(4))],
      (n) => [
        { node: n.reduce("sum", n.load(0)), dtype: "int8" },
        { node: n.reduce("sum", n.load(1)), dtype: "float16" },
        { node: n.reduce("any", n.compare("gt", n.load(1), n.constant("float32", 1.75))) },
      ],
    ),
    fused(
      "reduce/masked",
      by(1),
      [9, 20],
      [operand("float32", padView(contiguousView([7, 17]), [1, 2], [1, 1]), listed([-1, -2, -3]))],
      (n) => [n.reduce("sum", n.load(0)), n.reduce("max", n.load(0))],
    ),
    fused("reduce/position inside", by(1), [5, 33], [operand("float32", [5, 33], exactNumbers(6))], (n) => {
      const column = n.index({ ...contiguousView([5, 33]), strides: [0, 1] });
      const row = n.index({ ...contiguousView([5, 33]), strides: [1, 0] });
      const total = n.reduce("sum", n.select(n.compare("gt", column, row), n.load(0), n.constant("float32", 0)));
      return n.binary("add", total, n.cast("float32", row));
    }),
    fused("reduce/output transposed", by(1), [4, 5, 6], [operand("float32", [4, 5, 6], exactNumbers(7))], (n) => [
      { node: n.reduce("sum", n.load(0)), strides: [1, 4] },
      { node: n.reduce("max", n.load(0)), strides: [20, 3] },
    ]),
    fused("reduce/in place", by(1), shape, [matrix(), kept(8)], (n) => [
      { node: n.binary("sub", n.load(1), n.reduce("sum", n.load(0))), over: 1 },
    ]),
  ];
};

/** Sums of ordinary numbers: a few units of rounding, whatever their order. */
const accuracy = (): Case[] =>
  (["float32", "float64"] as const).map((type) =>
    fused(
      `reduce/accuracy/${type}`,
      by(1),
      [2, 100000],
      [operand(type, [2, 100000], uniform(0, 1, 5))],
      (n) => {
        const x = n.load(0);
        return [n.reduce("sum", x), n.reduce("sum", n.binary("mul", x, x))];
      },
      { tolerance: { ulps: 32, absolute: 0 } },
    ),
  );

/** Reduce kernels: shapes, orders, edges, what is fused before and after. */
export const reduces = (): Case[] => [...shapeCases(), ...orders(), ...edges(), ...fusions(), ...accuracy()];
