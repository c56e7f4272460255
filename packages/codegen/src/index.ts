export type { Dialect } from "./dialect.ts";
export { compileKernel } from "./kernels/compile.ts";
export { unprintable } from "./kernels/unprintable.ts";
export { type BufferUse, type GpuProgram, type Limits, type Pass, segmentBytes } from "./program.ts";
export { wgsl } from "./wgsl/dialect.ts";
