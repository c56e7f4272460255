export type { Dialect } from "./dialect.ts";
export { compileKernel } from "./kernels/compile.ts";
export { unprintable } from "./kernels/custom.ts";
export type { BufferUse, GpuProgram, Limits, Pass } from "./program.ts";
export { wgsl } from "./wgsl/dialect.ts";
