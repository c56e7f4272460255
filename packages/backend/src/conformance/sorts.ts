import { dtypes } from "../dtype.ts";
import type { SortKernel } from "../kernel.ts";
import { contiguousStrides, formatShape, type Shape } from "../shape.ts";
import { contiguousView, padView, permuteView, sliceView } from "../view.ts";
import type { Case, Operand } from "./case.ts";
import { operand, plain } from "./case.ts";
import { exactNumbers, listed, uniform } from "./random.ts";

interface Given {
  readonly x: Operand;
  readonly descending?: boolean;
  readonly count?: number;
  readonly results?: SortKernel["results"];
  readonly strides?: readonly number[];
  readonly expected?: readonly (readonly number[])[];
}

const both = ["values", "indices"] as const;

const sort = (
  name: string,
  { x, descending = false, results = both, strides, expected = [], ...given }: Given,
): Case => {
  const shape = x.view.shape;
  const count = given.count ?? (shape.at(-1) as number);
  const kept = [...shape.slice(0, -1), count];
  return plain(
    `sort/${name}${descending ? " descending" : ""}`,
    {
      kind: "sort",
      shape,
      descending,
      count,
      results,
      inputs: [{ dtype: x.dtype, view: x.view }],
      outputs: results.map((result) => ({
        dtype: result === "values" ? x.dtype : "int32",
        strides: strides ?? contiguousStrides(kept),
      })),
    },
    [x],
    { expected },
  );
};

const shapes: readonly Shape[] = [
  [1],
  [2],
  [5],
  [17],
  [100],
  [257],
  [1000],
  [0],
  [3, 0],
  [0, 3],
  [4, 7],
  [33, 10],
  [2, 3, 33],
  [3, 1],
  [2, 3000],
];

const nan = Number.NaN;
const mixed = [3, nan, -1, 3, Infinity, nan, -Infinity, 0, -1, 3];

const edges = (): Case[] => {
  const x = operand("float32", [10], listed(mixed));
  return [
    sort("ties and NaN", {
      x,
      expected: [
        [-Infinity, -1, -1, 0, 3, 3, 3, Infinity, nan, nan],
        [6, 2, 8, 7, 0, 3, 9, 4, 1, 5],
      ],
    }),
    sort("ties and NaN", {
      x,
      descending: true,
      expected: [
        [nan, nan, Infinity, 3, 3, 3, 0, -1, -1, -Infinity],
        [1, 5, 4, 0, 3, 9, 7, 2, 8, 6],
      ],
    }),
    sort("zeros of both signs are ties", {
      x: operand("float32", [5], listed([0, -0, 0, -0, -1])),
      results: ["indices"],
      expected: [[4, 0, 1, 2, 3]],
    }),
    sort("all equal", { x: operand("int32", [300], listed([7])), results: ["indices"], descending: true }),
  ];
};

/** Sorting: order, stability, counts, layouts. */
export const sorts = (): Case[] => [
  ...shapes.flatMap((shape) =>
    [false, true].map((descending) =>
      sort(formatShape(shape), {
        x: operand("float32", shape, shape.at(-1) === 257 ? uniform(-1, 1, 3) : exactNumbers(1)),
        descending,
      }),
    ),
  ),
  ...dtypes.flatMap((dtype) =>
    [false, true].map((descending) => sort(dtype, { x: operand(dtype, [3, 20], exactNumbers(2)), descending })),
  ),
  ...edges(),
  ...[0, 1, 3, 33].map((count) =>
    sort(`first ${count}`, { x: operand("float32", [5, 33], exactNumbers(3)), count, descending: true }),
  ),
  sort("values only", { x: operand("float32", [4, 9], exactNumbers(4)), results: ["values"] }),
  sort("indices before values", { x: operand("float32", [4, 9], exactNumbers(5)), results: ["indices", "values"] }),
  sort("largest few, of many", { x: operand("float32", [2, 5000], uniform(-1, 1, 6)), count: 5, descending: true }),
  sort("first 700 of 3000", { x: operand("float32", [2, 3000], exactNumbers(10)), count: 700 }),
  sort("tens of thousands", { x: operand("float32", [20000], uniform(-1, 1, 11)) }),
  sort("rows of thousands", { x: operand("int32", [7, 9400], exactNumbers(12)), descending: true }),
  sort("transposed input and output", {
    x: operand("float32", permuteView(contiguousView([12, 5]), [1, 0]), exactNumbers(7)),
    strides: [1, 5],
  }),
  sort("flipped input", { x: operand("float32", sliceView(contiguousView([40]), [39], [40], [-1]), exactNumbers(8)) }),
  sort("padded input", { x: operand("float32", padView(contiguousView([2, 9]), [1, 2], [0, 2]), exactNumbers(9)) }),
];
