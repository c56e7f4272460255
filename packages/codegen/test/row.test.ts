import {
  contiguousStrides,
  contiguousView,
  type ExpressionNode,
  expandView,
  type RowKernel,
  type Shape,
} from "@gradloom/backend";
import { print } from "./print.ts";

/** Work along the rows of `inputs[0]`; the others repeat one row. */
const row = (
  shape: Shape,
  inputs: number,
  nodes: readonly ExpressionNode[],
  dtype: "float32" | "float16",
): RowKernel => ({
  kind: "row",
  shape,
  reduced: 1,
  inputs: Array.from({ length: inputs }, (_, i) => ({
    dtype,
    view: i === 0 ? contiguousView(shape) : expandView(contiguousView(shape.slice(-1)), shape),
  })),
  scalars: ["float32"],
  nodes,
  outputs: [{ dtype, node: nodes.length - 1, strides: contiguousStrides(shape) }],
});

/** exp(x - max x) / Σ exp(x - max x) */
const softmax: readonly ExpressionNode[] = [
  { op: "load", type: "float32", input: 0 },
  { op: "reduce", reduction: "max", type: "float32", args: [0] },
  { op: "sub", type: "float32", args: [0, 1] },
  { op: "exp", type: "float32", args: [2] },
  { op: "reduce", reduction: "sum", type: "float32", args: [3] },
  { op: "div", type: "float32", args: [3, 4] },
];

/** (x - mean) / √(variance + ε) * γ + β for rows of 100. */
const layerNorm: readonly ExpressionNode[] = [
  { op: "load", type: "float32", input: 0 },
  { op: "reduce", reduction: "sum", type: "float32", args: [0] },
  { op: "constant", type: "float32", value: 1 / 100 },
  { op: "mul", type: "float32", args: [1, 2] },
  { op: "sub", type: "float32", args: [0, 3] },
  { op: "mul", type: "float32", args: [4, 4] },
  { op: "reduce", reduction: "sum", type: "float32", args: [5] },
  { op: "mul", type: "float32", args: [6, 2] },
  { op: "scalar", type: "float32", slot: 0 },
  { op: "add", type: "float32", args: [7, 8] },
  { op: "sqrt", type: "float32", args: [9] },
  { op: "div", type: "float32", args: [4, 10] },
  { op: "load", type: "float32", input: 1 },
  { op: "mul", type: "float32", args: [11, 12] },
  { op: "load", type: "float32", input: 2 },
  { op: "add", type: "float32", args: [13, 14] },
];

test("softmax of rows that stay in a subgroup", async () => {
  expect(await print(row([6, 10], 1, softmax, "float32"), { subgroup: 32 })).toMatchSnapshot();
});

test("layer norm with its share of a row in registers", async () => {
  expect(await print(row([20, 100], 3, layerNorm, "float32"))).toMatchSnapshot();
});

test("softmax of rows that are read in each pass", async () => {
  expect(await print(row([2, 20000], 1, softmax, "float32"), { subgroup: 32 })).toMatchSnapshot();
});

test("half floats leave in whole words", async () => {
  expect(await print(row([6, 10], 1, softmax, "float16"))).toMatchSnapshot();
});
