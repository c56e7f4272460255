import { type Kernel, UnsupportedError } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, HostKernel } from "../compiled.ts";
import { compileMap } from "./map.ts";

/** The WebAssembly module (or host function) for a kernel. */
export const compileKernel = (kernel: Kernel, options: CompileOptions): CompiledKernel | HostKernel => {
  switch (kernel.kind) {
    case "map":
      return compileMap(kernel, options);
    case "matmul":
    case "conv":
    case "reduce":
    case "row":
    case "pool":
    case "gather":
    case "scatter":
    case "scan":
    case "sort":
    case "custom":
      throw new UnsupportedError("cpu", `${kernel.kind} kernels are not there yet`);
  }
};
