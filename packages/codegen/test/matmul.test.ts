import { contiguousStrides, contiguousView, type DType, type MatmulKernel, permuteView } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

const matmul = (m: number, k: number, n: number, dtype: DType = "float32", transposed = false): MatmulKernel => ({
  kind: "matmul",
  shape: [m, n],
  inputs: [
    { dtype, view: contiguousView([m, k]) },
    { dtype, view: transposed ? permuteView(contiguousView([n, k]), [1, 0]) : contiguousView([k, n]) },
  ],
  scalars: [],
  nodes: [{ op: "accumulator", type: "float32" }],
  outputs: [{ dtype, node: 0, strides: contiguousStrides([m, n]) }],
});

/** The product plus one number for each column, below 0 replaced by 0. */
const linear = (m: number, k: number, n: number): MatmulKernel => {
  const { inputs, ...kernel } = matmul(m, k, n);
  const bias = { shape: [m, n], strides: [0, 1], offset: 0, valid: undefined };
  return {
    ...kernel,
    inputs: [...inputs, { dtype: "float32", view: bias }],
    nodes: [
      { op: "accumulator", type: "float32" },
      { op: "load", type: "float32", input: 2 },
      { op: "add", type: "float32", args: [0, 1] },
      { op: "constant", type: "float32", value: 0 },
      { op: "max", type: "float32", args: [2, 3] },
    ],
    outputs: [{ dtype: "float32", node: 4, strides: contiguousStrides([m, n]) }],
  };
};

test("tiles in shared memory, four elements a load", async () => {
  expect(await print(matmul(512, 512, 512))).toMatchSnapshot();
});

test("lanes of a subgroup hand each other elements", async () => {
  expect(await print(matmul(64, 64, 64), { subgroup: 4 })).toMatchSnapshot();
});

test("a layer with bias and relu in the same kernel", async () => {
  expect(await print(linear(8, 8, 8))).toMatchSnapshot();
});

test("long sums over few results in two passes", async () => {
  const passes = await compilePasses(matmul(8, 65536, 8));
  expect(passes.map(({ name, grid }) => `${name} ${grid.join(" x ")}`)).toMatchSnapshot();
});

test("halves are multiplied as floats", async () => {
  expect(await print(matmul(4, 8, 4, "float16", true), { float16: true })).toMatchSnapshot();
});

test("nothing to write", async () => {
  expect(await compilePasses(matmul(0, 4, 3))).toEqual([]);
});
