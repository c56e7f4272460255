import { type CustomKernel, contiguousView } from "@gradloom/backend";
import { unprintable, wgsl } from "../src/index.ts";
import { compilePasses, limits } from "./print.ts";

const source = "// the user's own";

const kernel: CustomKernel = {
  kind: "custom",
  name: "mine",
  shapes: [[2, 3], [7]],
  scalars: ["float32"],
  inputs: [{ dtype: "int8", view: contiguousView([5]) }],
  outputs: [
    { dtype: "float32", strides: [3, 1] },
    { dtype: "float16", strides: [1] },
  ],
  wgsl: { source, workgroups: [4, 3, 2] },
};

test("inputs, then outputs are bound; a result that ends within a word is copied", async () => {
  const [own, copy, ...more] = await compilePasses(kernel);
  expect(own).toEqual({
    name: "custom mine",
    code: source,
    workgroup: undefined,
    grid: [4, 3, 2],
    scalars: true,
    uses: [
      { of: "kernel", index: 0, access: "read", byteOffset: 0, bytes: 8 },
      { of: "kernel", index: 1, access: "write", byteOffset: 0, bytes: 24 },
      { of: "scratch", index: 0, access: "write", byteOffset: 0, bytes: 16 },
    ],
  });
  expect(copy).toMatchObject({
    name: "copy",
    uses: [
      { of: "scratch", index: 0, access: "read" },
      { of: "kernel", index: 2, access: "write" },
    ],
  });
  expect(more).toEqual([]);
});

test("kernels without WGSL are refused by name", () => {
  const { wgsl: _, ...other } = kernel;
  expect(unprintable(kernel, wgsl, limits)).toBeUndefined();
  expect(unprintable(other, wgsl, limits)).toBe("kernel mine has no wgsl code");
});

test("buffers larger than a binding are refused", () => {
  expect(unprintable(kernel, wgsl, { ...limits, bindingBytes: 16 })).toBe(
    "buffer 1 of kernel mine has 24 bytes, more than the 16 of one binding",
  );
});

test("nothing to write", async () => {
  expect(await compilePasses({ ...kernel, shapes: [[0, 3], [0]] })).toEqual([]);
});
