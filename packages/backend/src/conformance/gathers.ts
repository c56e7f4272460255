import type { DType } from "../dtype.ts";
import { computeType, dtypes } from "../dtype.ts";
import type { Coordinate } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { contiguousView, expandView, padView, permuteView, sliceView } from "../view.ts";
import type { Case, Operand } from "./case.ts";
import { fused, operand } from "./case.ts";
import { exactNumbers, integers, listed } from "./random.ts";

const by = (...coordinates: Coordinate[]) => ({ kind: "gather", coordinates }) as const;

/** int32 indices of `shape`, repeated along new dimensions to `over`. */
const indices = (shape: Shape, over: Shape, values: readonly number[]): Operand =>
  operand("int32", expandView(contiguousView(shape), over), listed(values));

const forms = (): Case[] => {
  const gather = (
    name: string,
    coordinates: Coordinate[],
    shape: Shape,
    source: Shape,
    others: readonly Operand[],
  ): Case =>
    fused(`gather/${name}`, by(...coordinates), shape, [operand("float32", source, exactNumbers(1)), ...others], (n) =>
      n.accumulator("float32"),
    );
  return [
    gather(
      "embedding",
      [{ input: 1 }, { dim: 2 }],
      [2, 3, 17],
      [10, 17],
      [indices([2, 3, 1], [2, 3, 17], [0, 9, 3, 3, 5, 1])],
    ),
    gather(
      "embedding, negative indices",
      [{ input: 1 }, { dim: 1 }],
      [5, 7],
      [10, 7],
      [indices([5, 1], [5, 7], [-1, -10, 0, 9, -5])],
    ),
    gather(
      "embedding, out of range",
      [{ input: 1 }, { dim: 1 }],
      [5, 3],
      [4, 3],
      [indices([5, 1], [5, 3], [4, -5, 3, 2147483647, -2147483648])],
    ),
    gather("columns", [{ dim: 0 }, { input: 1 }], [6, 5], [6, 9], [indices([1, 5], [6, 5], [8, 0, 4, 4, -1])]),
    gather("one per row", [{ dim: 0 }, { input: 1 }], [7], [7, 5], [indices([7], [7], [0, 4, 2, -1, 3, 1, 1])]),
    gather(
      "along an axis",
      [{ dim: 0 }, { input: 1 }, { dim: 2 }],
      [3, 4, 5],
      [3, 6, 5],
      [operand("int32", [3, 4, 5], integers(-6, 5, 2))],
    ),
    gather(
      "points",
      [{ input: 1 }, { input: 2 }],
      [33],
      [5, 7],
      [operand("int32", [33], integers(-5, 4, 3)), operand("int32", [33], integers(-7, 6, 4))],
    ),
    gather(
      "three index tensors",
      [{ input: 1 }, { input: 2 }, { input: 3 }],
      [4, 9],
      [3, 4, 5],
      [
        operand("int32", [4, 9], integers(0, 2, 1)),
        indices([9], [4, 9], [0, 3, 1]),
        indices([4, 1], [4, 9], [4, -1, 2]),
      ],
    ),
    gather("dimensions exchanged", [{ dim: 1 }, { dim: 0 }], [4, 5], [5, 4], []),
    gather("diagonal", [{ dim: 0 }, { dim: 0 }], [5], [5, 5], []),
    gather("dimension out of range", [{ dim: 0 }, { dim: 1 }], [4, 6], [3, 5], []),
    gather(
      "one index tensor twice",
      [{ input: 1 }, { input: 1 }],
      [6],
      [5, 5],
      [indices([6], [6], [0, 4, -1, 2, 7, 1])],
    ),
    gather("rank 0 source", [], [3], [], []),
    gather("rank 0 result", [{ input: 1 }], [], [5], [indices([], [], [-2])]),
    gather("empty result", [{ input: 1 }, { dim: 1 }], [0, 4], [3, 4], [operand("int32", [0, 4], integers(0, 2))]),
    gather("empty source", [{ input: 1 }], [3], [0], [indices([3], [3], [0, -1, 1])]),
    gather(
      "long",
      [{ input: 1 }, { dim: 1 }],
      [300, 20],
      [1000, 20],
      [operand("int32", expandView(contiguousView([300, 1]), [300, 20]), integers(0, 999, 5))],
    ),
  ];
};

const typed = (dtype: DType): Case =>
  fused(
    `gather/dtype/${dtype}`,
    by({ input: 1 }, { dim: 1 }),
    [6, 5],
    [operand(dtype, [4, 5], exactNumbers(1)), indices([6, 1], [6, 5], [3, -1, 4, 0, -5, 2])],
    (n) => [{ node: n.accumulator(computeType(dtype)), dtype }],
  );

const fusions = (): Case[] => {
  const shape = [6, 9];
  const rows = indices([6, 1], shape, [4, 0, 2, 2, -1, 9]);
  return [
    fused(
      "gather/epilogue/scaled with a position",
      by({ input: 1 }, { dim: 1 }),
      shape,
      [operand("float32", [5, 9], exactNumbers(1)), rows, operand("float32", shape, exactNumbers(2))],
      (n) => {
        const scaled = n.binary("mul", n.accumulator("float32"), n.scalar("float32", 0));
        return [n.binary("add", scaled, n.load(2)), { node: n.binary("sub", n.load(2), scaled), over: 2 }];
      },
      { scalars: [["float32", 2]] },
    ),
    fused(
      "gather/epilogue/index used again",
      by({ input: 1 }, { dim: 1 }),
      shape,
      [operand("float32", [5, 9], exactNumbers(1)), rows],
      (n) => {
        const known = n.compare("lt", n.load(1), n.constant("int32", 5));
        return [
          n.select(known, n.accumulator("float32"), n.constant("float32", -1)),
          { node: n.load(1), dtype: "int8" },
        ];
      },
    ),
    fused(
      "gather/view/source transposed",
      by({ input: 1 }, { dim: 1 }),
      shape,
      [operand("float32", permuteView(contiguousView([9, 5]), [1, 0]), exactNumbers(1)), rows],
      (n) => n.accumulator("float32"),
    ),
    fused(
      "gather/view/source padded",
      by({ input: 1 }, { dim: 1 }),
      shape,
      [operand("float32", padView(contiguousView([3, 6]), [1, 2], [1, 1]), exactNumbers(1)), rows],
      (n) => n.accumulator("float32"),
    ),
    fused(
      "gather/view/source flipped",
      by({ input: 1 }, { dim: 1 }),
      shape,
      [operand("float32", sliceView(contiguousView([5, 9]), [4, 8], [5, 9], [-1, -1]), exactNumbers(1)), rows],
      (n) => n.accumulator("float32"),
    ),
    fused(
      "gather/view/indices stepped, output transposed",
      by({ input: 1 }, { dim: 1 }),
      shape,
      [
        operand("float32", [5, 9], exactNumbers(1)),
        operand("int32", sliceView(contiguousView([12, 9]), [0, 0], shape, [2, 1]), integers(-5, 4, 6)),
      ],
      (n) => [{ node: n.accumulator("float32"), strides: [1, 6] }],
    ),
  ];
};

/** Gathering by dimensions and by index tensors. */
export const gathers = (): Case[] => [...forms(), ...dtypes.map(typed), ...fusions()];
