import type { Kernel } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { compileConv } from "./conv.ts";
import { compileGather } from "./gather.ts";
import { compileMap } from "./map.ts";
import { compileMatmul } from "./matmul.ts";
import { compilePool } from "./pool.ts";
import { compileReduce } from "./reduce.ts";
import { compileRow } from "./row.ts";

/**
 * The passes that run a kernel: the kernel is checked already, and fits the device's traits. The code for kinds that many models never
 * use is loaded with the first kernel that needs it.
 */
export const compileKernel = async (kernel: Kernel, dialect: Dialect, limits: Limits): Promise<GpuProgram> => {
  await dialect.load(kernel);
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
      return (await import("./scatter.ts")).compileScatter(kernel, dialect, limits);
    case "scan":
      return (await import("./scan.ts")).compileScan(kernel, dialect, limits);
    case "sort":
      return (await import("./sort.ts")).compileSort(kernel, dialect, limits);
    case "attention":
      return (await import("./attention.ts")).compileAttention(kernel, dialect, limits);
    case "custom":
      return (await import("./custom.ts")).compileCustom(kernel, dialect, limits);
  }
};
