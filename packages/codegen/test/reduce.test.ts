import { contiguousView, permuteView, type ReduceKernel, type Reduction, type View } from "@gradloom/backend";
import { print } from "./print.ts";

/** A reduction over the last dimension of a view. */
const reduce = (reduction: Reduction, view: View): ReduceKernel => ({
  kind: "reduce",
  shape: view.shape,
  reduced: 1,
  inputs: [{ dtype: "float32", view }],
  scalars: [],
  nodes: [
    { op: "load", type: "float32", input: 0 },
    { op: "reduce", reduction, type: reduction.startsWith("arg") ? "int32" : "float32", args: [0] },
  ],
  outputs: [
    { dtype: reduction.startsWith("arg") ? "int32" : "float32", node: 1, strides: view.shape.slice(1).map(() => 1) },
  ],
});

test("a sum over a million in two passes", async () => {
  expect(await print(reduce("sum", contiguousView([2 ** 20])), { subgroup: 32 })).toMatchSnapshot();
});

test("sums of columns: neighbours read neighbours", async () => {
  expect(await print(reduce("sum", permuteView(contiguousView([1024, 1024]), [1, 0])))).toMatchSnapshot();
});

test("maxima of short rows, one invocation each", async () => {
  expect(await print(reduce("max", contiguousView([100000, 3])))).toMatchSnapshot();
});

test("positions of maxima", async () => {
  expect(await print(reduce("argmax", contiguousView([20, 100])))).toMatchSnapshot();
});
