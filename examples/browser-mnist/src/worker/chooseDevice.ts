import { createCpuBackend } from "@gradloom/backend-cpu";
import { useDevice } from "@gradloom/tensor";
import type { DeviceChoice, DeviceReport } from "../messages.ts";

const mostThreads = 8;

/** WebAssembly, on all cores where threads may share memory: that takes a cross-origin isolated page. */
const useCpu = async (note?: string): Promise<DeviceReport> => {
  const isolated = globalThis.crossOriginIsolated === true;
  const threads = isolated ? Math.min(mostThreads, navigator.hardwareConcurrency) : 1;
  await useDevice(createCpuBackend({ threads }));
  const detail = `WebAssembly SIMD, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return {
    kind: "cpu",
    name: "CPU",
    detail: isolated ? detail : `${detail} (the page is not cross-origin isolated)`,
    note,
  };
};

const useWebgpu = async (adapter: GPUAdapter | undefined): Promise<DeviceReport> => {
  await useDevice("webgpu");
  const { vendor = "", architecture = "", description = "" } = adapter?.info ?? {};
  const words = description === "" ? [vendor, architecture] : [description];
  const detail = words.filter((word) => word !== "").join(" ");
  return { kind: "webgpu", name: "WebGPU", detail: detail === "" ? "unnamed adapter" : detail, note: undefined };
};

/**
 * Opens the device that the visitor chose, or the best there is.
 *
 * @throws DeviceError where the visitor insists on a device that is not there.
 */
export const chooseDevice = async (choice: DeviceChoice): Promise<DeviceReport> => {
  if (choice === "cpu") return useCpu();
  const adapter = (await navigator.gpu?.requestAdapter().catch(() => null)) ?? undefined;
  if (choice === "webgpu") return useWebgpu(adapter);
  if (navigator.gpu === undefined) return useCpu("This browser has no WebGPU.");
  if (adapter === undefined) return useCpu("WebGPU found no graphics card.");
  // Far slower than WebAssembly.
  if (adapter.info.isFallbackAdapter) return useCpu("WebGPU found no graphics card, only an imitation in software.");
  return useWebgpu(adapter).catch((error: Error) => useCpu(`WebGPU did not start: ${error.message}`));
};
