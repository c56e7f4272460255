import { type Kernel, UnsupportedError } from "@gradloom/backend";
import type { CompiledKernel, CompileOptions, HostKernel } from "../compiled.ts";
import { compileConv } from "./conv.ts";
import { compileCustom } from "./custom.ts";
import { compileGather } from "./gather.ts";
import { compileMap } from "./map.ts";
import { compileMatmul } from "./matmul.ts";
import { compilePool } from "./pool.ts";
import { compileReduce } from "./reduce.ts";
import { compileScan } from "./scan.ts";
import { compileScatter } from "./scatter.ts";
import { compileSort } from "./sort.ts";

/** The WebAssembly module (or host function) for a kernel. */
export const compileKernel = (kernel: Kernel, options: CompileOptions): CompiledKernel | HostKernel => {
  switch (kernel.kind) {
    case "map":
      return compileMap(kernel, options);
    case "gather":
      return compileGather(kernel, options);
    case "custom":
      return compileCustom(kernel);
    case "pool":
      return compilePool(kernel, options);
    case "scan":
      return compileScan(kernel, options);
    case "sort":
      return compileSort(kernel, options);
    case "scatter":
      return compileScatter(kernel, options);
    case "reduce":
    case "row":
      return compileReduce(kernel, options);
    case "matmul":
      return compileMatmul(kernel, options);
    case "conv":
      return compileConv(kernel, options);
    case "attention":
      throw new UnsupportedError("cpu", "it has no attention kernels");
  }
};
