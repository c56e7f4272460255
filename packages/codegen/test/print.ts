import type { Kernel } from "@gradloom/backend";
import { compileKernel, type Limits, type Pass, wgsl } from "../src/index.ts";

export const limits: Limits = {
  workgroup: 256,
  groups: 65535,
  sharedBytes: 16384,
  bindingBytes: 2 ** 27,
  subgroup: 0,
  float16: false,
};

export const compilePasses = async (kernel: Kernel, changed: Partial<Limits> = {}): Promise<readonly Pass[]> =>
  (await compileKernel(kernel, wgsl, { ...limits, ...changed })).passes;

/** A kernel's passes in WGSL, without library functions: those have their own tests. */
export const print = async (kernel: Kernel, changed: Partial<Limits> = {}): Promise<string> =>
  (await compilePasses(kernel, changed))
    .flatMap(({ name, grid, code }) => {
      const lines = code.split("\n");
      const own = lines.filter((line) => /^(enable|@group|var<workgroup>|fn load)/.test(line));
      const main = lines.slice(lines.findIndex((line) => line.startsWith("@compute")));
      return [`// ${name} of ${grid.join(" x ")} workgroups`, ...own, ...main];
    })
    .join("\n");
