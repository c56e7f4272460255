import { type Kernel, UnsupportedError } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, HostKernel } from "../compiled.ts";

/** The WebAssembly module (or host function) for a kernel. */
export const compileKernel = (kernel: Kernel, options: CompileOptions): CompiledKernel | HostKernel => {
  void options;
  throw new UnsupportedError("cpu", `${kernel.kind} kernels are not there yet`);
};
