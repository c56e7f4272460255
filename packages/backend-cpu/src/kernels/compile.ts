import { type Kernel, UnsupportedError } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, HostKernel } from "../compiled.ts";
import { compileConv } from "./conv.ts";
import { compileMap } from "./map.ts";
import { compileMatmul } from "./matmul.ts";
import { compileReduce } from "./reduce.ts";

/** The WebAssembly module (or host function) for a kernel. */
export const compileKernel = (kernel: Kernel, options: CompileOptions): CompiledKernel | HostKernel => {
  switch (kernel.kind) {
    case "map":
      return compileMap(kernel, options);
    case "reduce":
    case "row":
      return compileReduce(kernel, options);
    case "matmul":
      return compileMatmul(kernel, options);
    case "conv":
      return compileConv(kernel, options);
    case "pool":
    case "gather":
    case "scatter":
    case "scan":
    case "sort":
    case "custom":
      throw new UnsupportedError("cpu", `${kernel.kind} kernels are not there yet`);
  }
};
