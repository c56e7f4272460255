import { collapse, type MapKernel } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions } from "../compiled.ts";
import { compileElementwise } from "./elementwise.ts";

/** A kernel of rank 0 as one of rank 1. */
const withRank1 = (kernel: MapKernel): MapKernel => {
  if (kernel.shape.length > 0) return kernel;
  return {
    ...kernel,
    shape: [1],
    inputs: kernel.inputs.map((input) => ({
      ...input,
      view: { shape: [1], strides: [0], offset: input.view.offset, valid: undefined },
    })),
    nodes: kernel.nodes.map((node) =>
      node.op === "index"
        ? { ...node, view: { shape: [1], strides: [0], offset: node.view.offset, valid: undefined } }
        : node,
    ),
    outputs: kernel.outputs.map((output) => ({ ...output, strides: [1] })),
  };
};

/** Map kernels: an expression over the fewest dimensions. */
export const compileMap = (kernel: MapKernel, options: CompileOptions): CompiledKernel =>
  compileElementwise(withRank1(collapse(kernel)), { ...options, name: "map" });
