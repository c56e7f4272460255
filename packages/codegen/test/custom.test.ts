import { type CustomKernel, contiguousView, UnsupportedError } from "@gradloom/backend";
import { unprintable, wgsl } from "../src/index.ts";
import { compilePasses } from "./print.ts";

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

test("inputs, then outputs are bound; a result that ends within a word is copied", () => {
  const [own, copy, ...more] = compilePasses(kernel);
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
  expect(unprintable(kernel, wgsl)).toBeUndefined();
  expect(unprintable(other, wgsl)).toBe("kernel mine has no wgsl code");
  expect(() => compilePasses(other)).toThrow(UnsupportedError);
  expect(() => compilePasses(other)).toThrow("kernel mine has no wgsl code");
});

test("buffers larger than a binding are refused", () => {
  expect(() => compilePasses(kernel, { bindingBytes: 16 })).toThrow(
    "buffer 1 of kernel mine has 24 bytes, more than the 16 of one binding",
  );
});

test("nothing to write", () => {
  expect(compilePasses({ ...kernel, shapes: [[0, 3], [0]] })).toEqual([]);
});
