import type { DeviceName } from "../../src/index.ts";

const hasGpu = (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu !== undefined;

/** Devices that this machine lacks, with the reason. */
export const missingDevices: { readonly [Name in DeviceName]?: string } = hasGpu
  ? {}
  : { webgpu: "there is no software driver for Vulkan, or VK_ICD_FILENAMES does not name it" };

/** Every row runs on these; derivatives are checked on the first. */
export const devicesUnderTest: readonly DeviceName[] = ["reference", "cpu", ...(hasGpu ? ["webgpu" as const] : [])];
