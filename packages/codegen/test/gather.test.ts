import { contiguousView, expandView, type GatherKernel } from "@gradloom/backend";
import { print } from "./print.ts";

test("rows of a table", async () => {
  const kernel: GatherKernel = {
    kind: "gather",
    shape: [32, 64],
    coordinates: [{ input: 1 }, { dim: 1 }],
    inputs: [
      { dtype: "float32", view: contiguousView([1000, 64]) },
      { dtype: "int32", view: expandView(contiguousView([32, 1]), [32, 64]) },
    ],
    scalars: ["float32"],
    nodes: [
      { op: "accumulator", type: "float32" },
      { op: "scalar", type: "float32", slot: 0 },
      { op: "mul", type: "float32", args: [0, 1] },
    ],
    outputs: [{ dtype: "float32", node: 2, strides: [64, 1] }],
  };
  expect(await print(kernel)).toMatchSnapshot();
});
