import type { Kernel } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { compileAttention } from "./attention.ts";
import { compileConv } from "./conv.ts";
import { compileCustom } from "./custom.ts";
import { compileGather } from "./gather.ts";
import { compileMap } from "./map.ts";
import { compileMatmul } from "./matmul.ts";
import { compilePool } from "./pool.ts";
import { compileReduce } from "./reduce.ts";
import { compileRow } from "./row.ts";
import { compileScan } from "./scan.ts";
import { compileScatter } from "./scatter.ts";
import { compileSort } from "./sort.ts";

/** The passes that run a kernel: the kernel is checked already, and fits the device's traits. */
export const compileKernel = (kernel: Kernel, dialect: Dialect, limits: Limits): GpuProgram => {
  switch (kernel.kind) {
    case "map":
      return compileMap(kernel, dialect, limits);
    case "reduce":
      return compileReduce(kernel, dialect, limits);
    case "row":
      return compileRow(kernel, dialect, limits);
    case "conv":
      return compileConv(kernel, dialect, limits);
    case "matmul":
      return compileMatmul(kernel, dialect, limits);
    case "pool":
      return compilePool(kernel, dialect, limits);
    case "gather":
      return compileGather(kernel, dialect, limits);
    case "scatter":
      return compileScatter(kernel, dialect, limits);
    case "scan":
      return compileScan(kernel, dialect, limits);
    case "sort":
      return compileSort(kernel, dialect, limits);
    case "attention":
      return compileAttention(kernel, dialect, limits);
    case "custom":
      return compileCustom(kernel, dialect, limits);
  }
};
