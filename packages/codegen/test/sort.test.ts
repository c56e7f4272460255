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

const names = (kernel: SortKernel): string[] => compilePasses(kernel).map(({ name }) => name);

test("several short rows in one workgroup", () => {
  expect(print(sort([100, 10], 3))).toMatchSnapshot();
});

test("a long row: blocks, then their merge", () => {
  expect(print(sort([4000]))).toMatchSnapshot();
});

test("passes by size", () => {
  expect(names(sort([8, 1024]))).toEqual(["sort blocks"]);
  expect(names(sort([16384]))).toEqual(["sort blocks", "merge runs"]);
  expect(names(sort([2 ** 20]))).toHaveLength(6);
  expect(names(sort([1, 50257], 50))).toEqual(["sort blocks", "sort blocks", "sort blocks"]);
  expect(names(sort([5, 3], 0))).toEqual([]);
});
