import { bufferNeeds, type ComputeType, type Kernel, type Program } from "@gradloom/backend";
import type { Block } from "./allocator.ts";
import { argsBytes, type CompiledKernel, type HostKernel } from "./compiled.ts";
import type { PhaseFunction } from "./threads/pool.ts";

/** A phase of a prepared kernel. */
export interface ProgramPhase {
  readonly run: PhaseFunction;
  /** Position among the module's exports. */
  readonly index: number;
  readonly units: number;
  readonly cost: number;
}

/** A prepared kernel: instantiated on the main thread; workers instantiate it when they first take part. */
export class CpuProgram implements Program {
  readonly kernel: Kernel;
  readonly id: number;
  readonly phases: readonly ProgramPhase[];
  readonly scratchBytes: number;
  readonly threadBytes: number;
  readonly argsBytes: number;
  /** Bytes that each buffer must have behind its binding's offset. */
  readonly needs: readonly number[];
  readonly scalars: readonly ComputeType[];
  /** The module's bytes; in the memory, for workers, once `shared` is set. */
  readonly code: Uint8Array | undefined;
  shared: Block | undefined;
  readonly host: HostKernel | undefined;
  readonly memory: WebAssembly.Memory;

  constructor(kernel: Kernel, id: number, compiled: CompiledKernel | HostKernel, memory: WebAssembly.Memory) {
    this.kernel = kernel;
    this.memory = memory;
    this.id = id;
    this.needs = bufferNeeds(kernel);
    this.scalars = "scalars" in kernel ? kernel.scalars : [];
    this.argsBytes = argsBytes(this.needs.length, this.scalars.length);
    if ("run" in compiled) {
      this.host = compiled;
      this.phases = [];
      this.scratchBytes = 0;
      this.threadBytes = 0;
      this.code = undefined;
      return;
    }
    this.host = undefined;
    this.phases = instantiate(compiled, memory);
    this.scratchBytes = compiled.scratchBytes;
    this.threadBytes = compiled.threadBytes ?? 0;
    this.code = compiled.code;
  }
}

const instantiate = (compiled: CompiledKernel, memory: WebAssembly.Memory): ProgramPhase[] => {
  const module = new WebAssembly.Module(compiled.code);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  return compiled.phases.map(({ name, units, cost }) => ({
    run: exports[name] as PhaseFunction,
    index: names.indexOf(name),
    units,
    cost,
  }));
};
