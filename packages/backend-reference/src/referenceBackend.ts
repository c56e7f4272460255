import type { Backend, BackendTraits, Command, Kernel } from "@gradloom/backend";
import { ArgumentError, checkKernel, DeviceError, dtypes, UnsupportedError, unmetNeed } from "@gradloom/backend";
import { createMemory } from "./memory.ts";
import { createProgram, type ReferenceProgram } from "./program.ts";
import { createPrograms } from "./programs.ts";
import { createRegisters } from "./steps.ts";

/** Traits to pretend, for those who test how work is planned, and the most bytes that may be alive. */
export interface ReferenceOptions extends Partial<BackendTraits> {
  readonly limit?: number;
}

/** Traits of the reference backend: everything, without bounds. */
export const referenceTraits: BackendTraits = {
  storage: new Set(dtypes),
  compute: new Set(["float32", "float64", "int32", "uint32", "bool"] as const),
  maxBuffers: 64,
  maxRow: 2 ** 31 - 1,
  scratch: "arena",
  alignment: 64,
};

/** Fresh memory reads as NaN and -1, so that nobody relies on its content. */
const unset = (bytes: number): ArrayBuffer => {
  const buffer = new ArrayBuffer(bytes);
  new Uint8Array(buffer).fill(255);
  return buffer;
};

/**
 * The backend that defines what every kernel means: a plain interpreter, all dtypes and kernels, clear rather than fast.
 * `run` works at once, so its errors are thrown by it.
 */
export const createReferenceBackend = (
  options: ReferenceOptions = {},
): Backend & Required<Pick<Backend, "downloadSync">> => {
  const name = "reference";
  const { limit = Number.POSITIVE_INFINITY, ...chosen } = options;
  const traits: BackendTraits = { ...referenceTraits, ...chosen };
  const memory = createMemory(name, traits.alignment, limit, unset);
  const registers = createRegisters();
  const unsupported = (kernel: Kernel): string | undefined =>
    kernel.kind === "custom" && kernel.host === undefined
      ? `kernel ${kernel.name} has no host code`
      : unmetNeed(kernel, traits);
  const programs = createPrograms<ReferenceProgram>((kernel) => {
    checkKernel(kernel);
    const reason = unsupported(kernel);
    if (reason !== undefined) throw new UnsupportedError(name, reason);
    return createProgram(name, kernel, memory, registers);
  });
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new DeviceError(name, "the device was disposed before");
  };
  const execute = ({ program, buffers, scalars }: Command): void => {
    if (!programs.has(program)) throw new ArgumentError(name, "this program was prepared by another device");
    program.execute(buffers, scalars);
  };
  const downloadSync: Backend["downloadSync"] & {} = (source, bytes) => {
    alive();
    return memory.bytesAt(source, bytes).slice(source.byteOffset, source.byteOffset + bytes);
  };
  return {
    name,
    traits,
    allocate: (bytes) => {
      alive();
      return memory.allocate(bytes);
    },
    free: (buffer) => {
      if (!disposed) memory.free(buffer);
    },
    upload: (target, data) => {
      alive();
      const to = memory.bytesAt(target, data.byteLength);
      new Uint8Array(to).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), target.byteOffset);
    },
    download: async (source, bytes) => downloadSync(source, bytes),
    downloadSync,
    unsupported,
    prepare: (kernel) => {
      alive();
      return programs.get(kernel);
    },
    run: (commands) => {
      alive();
      for (const command of commands) execute(command);
    },
    time: async (commands) => {
      alive();
      return commands.map((command) => {
        const start = performance.now();
        execute(command);
        return performance.now() - start;
      });
    },
    synchronize: async () => alive(),
    memory: () => memory.statistics(),
    get programs() {
      return programs.count;
    },
    dispose: () => {
      disposed = true;
      memory.clear();
      programs.clear();
    },
  };
};
