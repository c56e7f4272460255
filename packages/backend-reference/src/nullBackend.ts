import type { Backend, BackendTraits, Program } from "@gradloom/backend";
import { ArgumentError, checkKernel, UnsupportedError, unmetNeed } from "@gradloom/backend";
import { createMemory } from "./memory.ts";
import { createPrograms } from "./programs.ts";
import { referenceTraits } from "./referenceBackend.ts";

/** A backend that prepares and counts work without doing it. */
export interface NullBackend extends Backend {
  downloadSync(source: Parameters<Backend["download"]>[0], bytes: number): ArrayBuffer;
  /** Commands run so far. */
  readonly commands: number;
  /** Calls of `run` so far. */
  readonly submissions: number;
}

const nothing = new ArrayBuffer(0);

/** Measures planning alone: kernels are checked and commands counted, memory is only accounted for, downloads give zeros. */
export const createNullBackend = (options: Partial<BackendTraits> = {}): NullBackend => {
  const name = "null";
  const traits: BackendTraits = { ...referenceTraits, ...options };
  const memory = createMemory(name, traits.alignment, Number.POSITIVE_INFINITY, () => nothing);
  const programs = createPrograms<Program>((kernel) => {
    checkKernel(kernel);
    const reason = unmetNeed(kernel, traits);
    if (reason !== undefined) throw new UnsupportedError(name, reason);
    return { kernel };
  });
  let commands = 0;
  let submissions = 0;
  const downloadSync: NullBackend["downloadSync"] = (source, bytes) => {
    memory.bytesAt(source, bytes);
    return new ArrayBuffer(bytes);
  };
  const run: Backend["run"] = (list) => {
    for (const { program } of list) {
      if (!programs.has(program)) throw new ArgumentError(name, "this program was prepared by another device");
    }
    commands += list.length;
    submissions++;
  };
  return {
    name,
    traits,
    allocate: (bytes) => memory.allocate(bytes),
    free: (buffer) => memory.free(buffer),
    upload: (target, data) => void memory.bytesAt(target, data.byteLength),
    download: async (source, bytes) => downloadSync(source, bytes),
    downloadSync,
    unsupported: (kernel) => unmetNeed(kernel, traits),
    prepare: (kernel) => programs.get(kernel),
    run,
    time: async (list) => {
      run(list);
      return list.map(() => 0);
    },
    synchronize: async () => {},
    memory: () => memory.statistics(),
    get programs() {
      return programs.count;
    },
    get commands() {
      return commands;
    },
    get submissions() {
      return submissions;
    },
    dispose: () => {
      memory.clear();
      programs.clear();
    },
  };
};
