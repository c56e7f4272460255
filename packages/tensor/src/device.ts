import type { Backend } from "@gradloom/backend";
import { DeviceError } from "@gradloom/backend";
import { createCpuBackend } from "@gradloom/backend-cpu";
import type { Plan } from "./schedule/plan.ts";
import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/** What has been done on a device so far. */
export interface Statistics {
  /** Schedules made; a step whose structure is known makes none. */
  plans: number;
  /** Programs compiled by the backend. */
  programs: number;
  /** Kernels run. */
  kernels: number;
  /** Evaluations: each is one submission. */
  evaluations: number;
}

/** A backend with what tensors keep beside it: cached schedules, assignments that wait, counters. */
export class Device {
  readonly backend: Backend;
  readonly name: string;
  /** Schedules by structural hash. @internal */
  readonly plans: Map<number, Plan[]> = new Map();
  /** Variables with values that are not evaluated yet. @internal */
  readonly pending: Map<Variable, Tensor> = new Map();
  /** Variables whose waiting values finish a step: nothing may build on top of it before it is carried out. @internal */
  readonly finished: Set<Variable> = new Set();
  /** How often variables were updated within the step that is being built. @internal */
  readonly updates: Map<Variable, number> = new Map();
  /** Tensors to evaluate together with the pending assignments. @internal */
  readonly kept: Set<Tensor> = new Set();
  /** Evaluated tensors that still know how they were computed, oldest first. @internal */
  histories: WeakRef<Tensor>[] = [];
  /** @internal */
  readonly counters = { plans: 0, kernels: 0, evaluations: 0 };

  /** Takes the place of running a plan's commands while something is profiled. @internal */
  profiler: ((plan: Plan) => void) | undefined = undefined;

  constructor(backend: Backend) {
    this.backend = backend;
    this.name = backend.name;
  }

  statistics(): Statistics {
    return { ...this.counters, programs: this.backend.programs };
  }
}

let current: Device | undefined;

/** Names that `useDevice` takes; "auto" is a GPU where there is one, else the CPU. */
export type DeviceName = "cpu" | "webgpu" | "reference" | "auto";

const packages: Readonly<Record<Exclude<DeviceName, "auto">, () => Promise<Backend>>> = {
  cpu: async () => createCpuBackend(),
  webgpu: async () => (await import("@gradloom/backend-webgpu")).createWebGpuBackend(),
  reference: async () => (await import("@gradloom/backend-reference")).createReferenceBackend(),
};

/** The names that "auto" tries, the fastest device first. Software renderers are slower than the CPU device. */
const fastest: readonly { readonly name: Exclude<DeviceName, "auto">; readonly open: () => Promise<Backend> }[] = [
  {
    name: "webgpu",
    open: async () => (await import("@gradloom/backend-webgpu")).createWebGpuBackend({ software: false }),
  },
  { name: "cpu", open: packages.cpu },
];

const opened = new Map<string, Device>();

/** The device of that name that was opened before, unless it is lost. */
const openBefore = (name: string): Device | undefined => {
  const device = opened.get(name);
  return device?.backend.lost ? undefined : device;
};

const openNew = async (name: string, open: () => Promise<Backend>): Promise<Device> => {
  const device = openBefore(name) ?? new Device(await open());
  opened.set(name, device);
  return device;
};

const openFastest = async (): Promise<Device> => {
  for (const { name, open } of fastest.slice(0, -1)) {
    try {
      return await openNew(name, open);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
  }
  const { name, open } = fastest[fastest.length - 1] as (typeof fastest)[number];
  return openNew(name, open);
};

/**
 * Opens a device, once per name, and makes it the one on which new tensors are made. A device that was lost is replaced by a new one.
 *
 * @throws DeviceError for an unknown name or a device that is not there, with what to install.
 * @example await useDevice("webgpu")
 */
export const useDevice = async (device: DeviceName | Backend | Device): Promise<Device> => {
  current = await openDevice(device);
  return current;
};

/** Opens a device without making it the current one. */
export const openDevice = async (device: DeviceName | Backend | Device): Promise<Device> => {
  if (device instanceof Device) return device;
  if (typeof device !== "string") return new Device(device);
  if (device === "auto") return openFastest();
  const open = Object.hasOwn(packages, device) ? packages[device] : undefined;
  if (open === undefined) {
    throw new DeviceError(
      "useDevice",
      `unknown device "${device}"`,
      `use one of auto, ${Object.keys(packages).join(", ")}`,
    );
  }
  return openNew(device, open);
};

/** The device on which new tensors are made: the CPU unless `useDevice` chose another. */
export const currentDevice = (): Device => {
  if (current === undefined) {
    current = opened.get("cpu") ?? new Device(createCpuBackend());
    opened.set("cpu", current);
  }
  return current;
};
