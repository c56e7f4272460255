import type { Limits } from "@gradloom/codegen";
import { WebGpuBackend } from "./backend.ts";
import { type OptionalFeature, openDevice, openGpu, optionalFeatures } from "./openGpu.ts";

/** How a WebGPU device is made. */
export interface WebGpuOptions {
  /** Which GPU to prefer where there are several; "high-performance" by default. */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Whether an adapter that is software will do; true by default. */
  readonly software?: boolean;
  /** Optional features to use where the adapter has them; all by default. */
  readonly features?: readonly OptionalFeature[];
  /** A `GPU` to use instead of `navigator.gpu` or Dawn's. */
  readonly gpu?: unknown;
  /** Smaller limits than the adapter's, for tests of what happens beyond them. */
  readonly limits?: Partial<Limits>;
}

/** Invocations per workgroup beyond which kernels gain nothing. */
const mostInvocations = 256;

/**
 * A WebGPU device: the browser's, or in Node that of package `webgpu` (Dawn), an optional peer dependency. Kernels are compiled in the
 * background when they are first prepared; each call of `run` is one submission.
 *
 * @throws DeviceError when there is no WebGPU or no adapter, with what to install.
 * @example const device = await createWebGpuBackend();
 */
export const createWebGpuBackend = async (options: WebGpuOptions = {}): Promise<WebGpuBackend> => {
  const { powerPreference = "high-performance", software = true, features = optionalFeatures } = options;
  const gpu = (options.gpu as GPU | undefined) ?? (await openGpu());
  const { adapter, device } = await openDevice(gpu, { powerPreference, software, features });
  const { limits } = device;
  return new WebGpuBackend(device, {
    workgroup: Math.min(mostInvocations, limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
    groups: limits.maxComputeWorkgroupsPerDimension,
    sharedBytes: limits.maxComputeWorkgroupStorageSize,
    bindingBytes: limits.maxStorageBufferBindingSize,
    subgroup: device.features.has("subgroups") ? adapter.info.subgroupMinSize : 0,
    float16: device.features.has("shader-f16"),
    ...options.limits,
  });
};
