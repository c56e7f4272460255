import { contiguousStrides, contiguousView, type Shape, type SortKernel } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

const sort = (shape: Shape, count = shape.at(-1) as number): SortKernel => ({
  kind: "sort",
  shape,
  descending: true,
  count,
  results: ["values", "indices"],
  inputs: [{ dtype: "float32", view: contiguousView(shape) }],
  outputs: (["float32", "int32"] as const).map((dtype) => ({
    dtype,
    strides: contiguousStrides([...shape.slice(0, -1), count]),
  })),
});

const names = async (kernel: SortKernel): Promise<string[]> => (await compilePasses(kernel)).map(({ name }) => name);

test("several short rows in one workgroup", async () => {
  expect(await print(sort([100, 10], 3))).toMatchSnapshot();
});

test("a long row: blocks, then their merge", async () => {
  expect(await print(sort([4000]))).toMatchSnapshot();
});

test("passes by size", async () => {
  expect(await names(sort([8, 1024]))).toEqual(["sort blocks"]);
  expect(await names(sort([16384]))).toEqual(["sort blocks", "merge runs"]);
  expect(await names(sort([2 ** 20]))).toHaveLength(6);
  expect(await names(sort([1, 50257], 50))).toEqual(["sort blocks", "sort blocks", "sort blocks"]);
  expect(await names(sort([5, 3], 0))).toEqual([]);
});
