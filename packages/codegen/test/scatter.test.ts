import { contiguousStrides, contiguousView, type DType, expandView, type ScatterKernel } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

/** Updates of rows of a table. */
const rows = (
  mode: ScatterKernel["mode"],
  [table, updates, columns]: readonly [number, number, number],
  dtype: DType = "float32",
  over?: 0,
): ScatterKernel => ({
  kind: "scatter",
  mode,
  shape: [table, columns],
  updates: [updates, columns],
  coordinates: [{ input: 2 }, { dim: 1 }],
  inputs: [
    { dtype, view: contiguousView([table, columns]) },
    { dtype, view: contiguousView([updates, columns]) },
    { dtype: "int32", view: expandView(contiguousView([updates, 1]), [updates, columns]) },
  ],
  outputs: [{ dtype, strides: [columns, 1], ...(over === undefined ? {} : { over }) }],
});

const names = async (kernel: ScatterKernel): Promise<string[]> => (await compilePasses(kernel)).map(({ name }) => name);

test("one update for each row of the target: elements look for it", async () => {
  const kernel: ScatterKernel = {
    kind: "scatter",
    mode: "add",
    shape: [256, 10],
    updates: [256],
    coordinates: [{ dim: 0 }, { input: 2 }],
    inputs: [
      { dtype: "float32", view: { shape: [256, 10], strides: [0, 0], offset: 0, valid: undefined } },
      { dtype: "float32", view: contiguousView([256]) },
      { dtype: "int32", view: contiguousView([256]) },
    ],
    outputs: [{ dtype: "float32", strides: contiguousStrides([256, 10]) }],
  };
  expect(await print(kernel)).toMatchSnapshot();
});

test("the gradient of an embedding: entries are sorted, then folded in their order", async () => {
  expect(await print(rows("add", [5000, 1000, 64]))).toMatchSnapshot();
});

test("passes by size", async () => {
  expect(await names(rows("add", [50257, 4096, 768]))).toEqual([
    "sort blocks",
    "merge runs",
    "copy",
    "scatter add by buckets",
  ]);
  expect(await names(rows("add", [50257, 16384, 768], "float32", 0))).toEqual([
    "sort blocks",
    "merge runs",
    "scatter add by chunks",
    "scatter add of parts",
  ]);
  expect(await names(rows("set", [50257, 16384, 768], "float32", 0))).toEqual([
    "sort blocks",
    "merge runs",
    "scatter set by buckets",
  ]);
});

test("a few rows written into a table", async () => {
  expect(await names(rows("set", [1024, 1, 768], "float32", 0))).toEqual(["scatter set by updates"]);
  expect(await names(rows("set", [1024, 8, 768], "float32", 0))).toEqual(["sort blocks", "scatter set by buckets"]);
});

test("integers are added by atomics", async () => {
  expect(await print(rows("add", [256, 100000, 1], "int32", 0))).toMatchSnapshot();
});

test("nothing to do", async () => {
  expect(await names(rows("add", [0, 5, 3]))).toEqual([]);
  expect(await names(rows("add", [5, 0, 3], "float32", 0))).toEqual([]);
  expect(await names(rows("add", [5, 0, 3]))).toEqual(["copy"]);
});
