import { DeviceError } from "@gradloom/backend";

const where = "webgpu";

/** Dawn's instance lives as long as the process: its devices die with it. */
let dawn: Promise<GPU> | undefined;

const loadDawn = async (): Promise<GPU> => {
  // Bundlers must not follow this: browsers never come here.
  const name = "webgpu";
  let module: { create(flags: string[]): GPU };
  try {
    module = await (import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<typeof module>);
  } catch (error) {
    throw new DeviceError(
      where,
      `this runtime has no WebGPU of its own, and package "webgpu" does not load: ${(error as Error).message}`,
      "in Node run `npm install webgpu`; elsewhere use the CPU device",
    );
  }
  return module.create([]);
};

/** The browser's WebGPU, or Dawn where there is no `navigator.gpu`. */
export const openGpu = async (): Promise<GPU> => {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own !== undefined) return own;
  const isBrowser = typeof document !== "undefined" || "WorkerGlobalScope" in globalThis;
  if (isBrowser) throw new DeviceError(where, "this browser has no WebGPU", "use the CPU device");
  dawn ??= loadDawn().catch((error: unknown) => {
    dawn = undefined;
    throw error;
  });
  return dawn;
};

/** The limits that are raised as far as the adapter goes. */
const raised = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
] as const;

/** The optional features that kernels make use of. */
export const optionalFeatures = ["shader-f16", "subgroups", "timestamp-query"] as const;

export type OptionalFeature = (typeof optionalFeatures)[number];

export interface AdapterOptions {
  readonly powerPreference: GPUPowerPreference;
  /** Whether an adapter that is software will do. */
  readonly software: boolean;
  readonly features: readonly OptionalFeature[];
}

/** A device of the adapter that fits best, with all that it offers of the features asked for. */
export const openDevice = async (
  gpu: GPU,
  { powerPreference, software, features }: AdapterOptions,
): Promise<{ adapter: GPUAdapter; device: GPUDevice }> => {
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (adapter === null || (!software && adapter.info.isFallbackAdapter)) {
    throw new DeviceError(
      where,
      adapter === null ? "there is no GPU adapter" : `the only GPU adapter is software (${adapter.info.description})`,
      "install a Vulkan, Metal or D3D12 driver, or use the CPU device",
    );
  }
  const requiredFeatures = features.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(raised.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits, label: "gradloom" });
  return { adapter, device };
};
