export type { CpuOptions } from "./backend.ts";
export { createCpuBackend } from "./backend.ts";
