import { contiguousStrides, contiguousView, type ScanKernel, type Shape } from "@gradloom/backend";
import { compilePasses, print } from "./print.ts";

const scan = (shape: Shape, axis: number, operation: ScanKernel["operation"] = "sum"): ScanKernel => ({
  kind: "scan",
  operation,
  shape,
  axis,
  exclusive: false,
  reverse: false,
  inputs: [{ dtype: "float32", view: contiguousView(shape) }],
  outputs: [{ dtype: operation.startsWith("arg") ? "int32" : "float32", strides: contiguousStrides(shape) }],
});

const names = async (kernel: ScanKernel): Promise<string[]> => (await compilePasses(kernel)).map(({ name }) => name);

test("short lines by one invocation each", async () => {
  expect(await print(scan([1000, 5], 1))).toMatchSnapshot();
});

test("positions of maxima down some columns, by a workgroup", async () => {
  expect(await print(scan([100, 7], 0, "argmax"))).toMatchSnapshot();
});

test("passes by size", async () => {
  expect(await names(scan([100, 4096], 1))).toEqual(["sum scan"]);
  expect(await names(scan([2 ** 20], 0))).toEqual(["sum of blocks", "sum scan of blocks", "sum scan within blocks"]);
  expect(await names(scan([64, 100, 256], 1))).toEqual(["sum scan by lines"]);
  expect(await names(scan([3, 0], 1))).toEqual([]);
});
