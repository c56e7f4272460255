export type { PoolStatistics } from "./bufferPool.ts";
export type { WebGpuOptions } from "./createWebGpuBackend.ts";
export { createWebGpuBackend } from "./createWebGpuBackend.ts";
