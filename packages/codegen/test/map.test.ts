import type { MapKernel } from "@gradloom/backend";
import { contiguousView } from "@gradloom/backend";
import { compileKernel, type Limits, wgsl } from "../src/index.ts";

const limits: Limits = {
  workgroup: 256,
  groups: 65535,
  sharedBytes: 16384,
  bindingBytes: 2 ** 27,
  subgroup: 0,
  float16: false,
};

test("a fused map", () => {
  const kernel: MapKernel = {
    kind: "map",
    shape: [3, 5],
    inputs: [
      { dtype: "float32", view: contiguousView([3, 5]) },
      { dtype: "float16", view: { shape: [3, 5], strides: [0, 1], offset: 0, valid: undefined } },
    ],
    scalars: ["float32"],
    nodes: [
      { op: "load", type: "float32", input: 0 },
      { op: "load", type: "float32", input: 1 },
      { op: "scalar", type: "float32", slot: 0 },
      { op: "mul", type: "float32", args: [0, 2] },
      { op: "add", type: "float32", args: [3, 1] },
    ],
    outputs: [{ dtype: "float32", node: 4, strides: [5, 1] }],
  };
  console.log(JSON.stringify(compileKernel(kernel, wgsl, limits), null, 1));
  console.log(compileKernel(kernel, wgsl, limits).passes[0]?.code);
});
