import type { Device, Statistics } from "./device.ts";
import { currentDevice } from "./device.ts";
import { liveStorages } from "./graph/storage.ts";

/** What is live on a device. */
export interface MemoryReport {
  /** Bytes of device memory in use. */
  readonly liveBytes: number;
  /** The most that was ever in use. */
  readonly peakBytes: number;
  /** Evaluated tensors and variables that hold memory. */
  readonly tensors: number;
  /** Where they were made, most bytes first; filled in debug mode. */
  readonly sites: readonly { readonly site: string; readonly bytes: number; readonly tensors: number }[];
}

/** What is live on a device: evaluated tensors and variables; intermediate values never are between evaluations. */
export const memory = (device: Device = currentDevice()): MemoryReport => {
  const { liveBytes, peakBytes } = device.backend.memory();
  return { liveBytes, peakBytes, ...liveStorages(device.backend) };
};

/** Counters of schedules made, programs compiled and kernels run on a device. */
export const statistics = (device: Device = currentDevice()): Statistics => device.statistics();
