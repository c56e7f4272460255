import { createWebGpuBackend } from "@gradloom/backend-webgpu";
import { type Device, type DeviceName, openDevice } from "../../src/index.ts";

declare const softwareGpu: (driver: "lavapipe" | "SwiftShader") => unknown;

const hasGpu = (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu !== undefined;

/** Devices that this machine lacks, with the reason. */
export const missingDevices: { readonly [Name in DeviceName]?: string } = hasGpu
  ? {}
  : { webgpu: "there is no software driver for Vulkan, or VK_ICD_FILENAMES does not name it" };

/** Derivatives are checked on the first. */
export const devicesUnderTest: readonly DeviceName[] = ["reference", "cpu", ...(hasGpu ? ["webgpu" as const] : [])];

/** The driver behind a second WebGPU device, where `navigator.gpu` is another. */
const secondGpu = softwareGpu("lavapipe") === undefined ? undefined : softwareGpu("SwiftShader");
const secondName = "webgpu on SwiftShader";

/** Every row runs on these. */
export const rowDevices: ReadonlyMap<string, () => Promise<Device>> = new Map([
  ...devicesUnderTest.map((name) => [name, () => openDevice(name)] as const),
  ...(secondGpu === undefined
    ? []
    : [[secondName, async () => openDevice(await createWebGpuBackend({ gpu: secondGpu }))] as const]),
]);

/** Devices for rows that this machine lacks, with the reason. */
export const missingRowDevices: Readonly<Record<string, string>> =
  secondGpu === undefined ? { ...missingDevices, [secondName]: "it takes two software drivers" } : missingDevices;
