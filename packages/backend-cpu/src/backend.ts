import {
  ArgumentError,
  type Backend,
  type BackendTraits,
  type Binding,
  type Command,
  type ComputeType,
  checkKernel,
  type DeviceBuffer,
  DeviceError,
  dtypes,
  hostArrayOver,
  type Kernel,
  kernelKey,
  type MemoryStatistics,
  type Program,
  sizeOf,
  UnsupportedError,
  unmetNeed,
} from "@gradloom/backend";
import type { Block } from "./allocator.ts";
import { ArgumentBlock } from "./argumentBlock.ts";
import { scalarSlot, scratchSlot } from "./compiled.ts";
import { compileKernel } from "./kernels/compile.ts";
import { CpuBuffer, canShareMemory, Memory } from "./memory.ts";
import { CpuProgram } from "./program.ts";
import { hasRelaxedSimd } from "./relaxedSimd.ts";
import { ThreadPool } from "./threads/pool.ts";
import { availableThreads } from "./threads/startWorker.ts";

/** How a CPU device is made. */
export interface CpuOptions {
  /** Threads that compute, the calling one included; by default one per core, 8 at most. Browsers give 1 unless the page is cross-origin isolated. */
  readonly threads?: number;
  /** Most bytes of memory, at most (and by default) 4 GiB. */
  readonly maxBytes?: number;
  /** Whether to use relaxed SIMD (fused multiply-add); by default where the engine has it. */
  readonly relaxed?: boolean;
  /** Nanoseconds that a piece of work must take for it to be spread over threads; below, waking them takes longer. */
  readonly parallelFrom?: number;
  /** Milliseconds without progress after which a worker in the middle of a kernel counts as dead. */
  readonly patience?: number;
}

const computeTypes: readonly ComputeType[] = ["float32", "float64", "int32", "uint32", "bool"];
const mostDefaultThreads = 8;
const mostThreads = 128;
const defaultParallelFrom = 30000;

const traits: BackendTraits = {
  storage: new Set(dtypes),
  compute: new Set(computeTypes),
  lacks: new Set(["attention"]),
  maxBuffers: 64,
  maxRow: 65536,
  scratch: "arena",
  alignment: 64,
};

/** A block that grows when more is asked for. */
interface Region {
  block: Block | undefined;
}

class CpuBackend implements Backend {
  readonly name = "cpu";
  readonly traits = traits;
  private readonly store: Memory;
  private readonly pool: ThreadPool | undefined;
  private readonly relaxed: boolean;
  private readonly parallelFrom: number;
  private readonly cache = new Map<string, CpuProgram>();
  private readonly programOf = new WeakMap<Kernel, CpuProgram>();
  private disposed = false;
  private readonly scratch: Region = { block: undefined };
  private readonly threadScratch: Region = { block: undefined };
  private readonly args: ArgumentBlock;
  private threadStride = 0;
  /** While kernels run, none of their memory may be given back. */
  private running = false;
  private readonly job = {
    program: 0,
    codeAddress: 0,
    codeBytes: 0,
    phase: 0,
    run: (): void => {},
    units: 0,
    cost: 0,
    args: 0,
    threadAddress: 0,
    threadBytes: 0,
  };

  constructor(options: CpuOptions) {
    const wanted = options.threads ?? Math.min(availableThreads(), mostDefaultThreads);
    const threads = Math.max(1, Math.min(mostThreads, Math.floor(wanted)));
    const shared = threads > 1 && canShareMemory();
    this.store = new Memory(options.maxBytes ?? 2 ** 32, shared, () => this.relieve());
    this.args = new ArgumentBlock(this.store);
    this.relaxed = options.relaxed ?? hasRelaxedSimd();
    this.parallelFrom = options.parallelFrom ?? defaultParallelFrom;
    this.pool = shared ? new ThreadPool(threads, this.store.wasm, options.patience ?? 30000) : undefined;
  }

  allocate(bytes: number): DeviceBuffer {
    this.alive();
    if (!Number.isInteger(bytes) || bytes < 0) {
      throw new ArgumentError("cpu", `a buffer has a whole number of bytes >= 0, got ${bytes}`);
    }
    return this.store.allocate(bytes);
  }

  free(buffer: DeviceBuffer): void {
    this.store.free(this.own(buffer));
  }

  upload(target: Binding, data: ArrayBufferView): void {
    this.alive();
    const address = this.address(target, data.byteLength);
    this.store.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
  }

  download(source: Binding, bytes: number): Promise<ArrayBuffer> {
    return new Promise((resolve) => resolve(this.downloadSync(source, bytes)));
  }

  downloadSync(source: Binding, bytes: number): ArrayBuffer {
    this.alive();
    const address = this.address(source, bytes);
    const copy = new Uint8Array(bytes);
    copy.set(this.store.bytes.subarray(address, address + bytes));
    return copy.buffer;
  }

  unsupported(kernel: Kernel): string | undefined {
    return kernel.kind === "custom" && kernel.host === undefined
      ? `kernel ${kernel.name} has no host code`
      : unmetNeed(kernel, traits);
  }

  prepare(kernel: Kernel): Program {
    const known = this.programOf.get(kernel);
    if (known !== undefined) return known;
    this.alive();
    const key = kernelKey(kernel);
    let program = this.cache.get(key);
    if (program === undefined) {
      program = this.compile(kernel);
      this.cache.set(key, program);
    }
    this.programOf.set(kernel, program);
    return program;
  }

  run(commands: readonly Command[]): void {
    this.alive();
    this.running = true;
    try {
      for (let i = 0; i < commands.length; i++) this.runOne(commands[i] as Command);
    } finally {
      this.running = false;
    }
  }

  async time(commands: readonly Command[]): Promise<number[]> {
    return commands.map((command) => {
      const start = performance.now();
      this.run([command]);
      return performance.now() - start;
    });
  }

  async synchronize(): Promise<void> {
    this.alive();
  }

  memory(): MemoryStatistics {
    return this.store.statistics();
  }

  get programs(): number {
    return this.cache.size;
  }

  dispose(): void {
    this.disposed = true;
    this.pool?.dispose();
  }

  private alive(): void {
    if (this.disposed) throw new DeviceError("cpu", "the device was disposed before", "make a new one");
    this.pool?.check();
  }

  private compile(kernel: Kernel): CpuProgram {
    checkKernel(kernel);
    const reason = this.unsupported(kernel);
    if (reason !== undefined) throw new UnsupportedError("cpu", reason);
    const { shared, maxPages, wasm } = this.store;
    const compiled = compileKernel(kernel, { shared, maxPages, relaxed: this.relaxed });
    return new CpuProgram(kernel, this.cache.size, compiled, wasm);
  }

  /** The program behind a command that fits it. */
  private programFor({ program, buffers, scalars }: Command): CpuProgram {
    if (!(program instanceof CpuProgram) || program.memory !== this.store.wasm) {
      throw new ArgumentError("cpu", "the program was prepared by another device");
    }
    if (buffers.length !== program.needs.length || scalars.length !== program.scalars.length) {
      throw new ArgumentError(
        "cpu",
        `a ${program.kernel.kind} kernel takes ${program.needs.length} buffers and ${program.scalars.length} scalars, got ` +
          `${buffers.length} and ${scalars.length}`,
      );
    }
    return program;
  }

  private runOne(command: Command): void {
    const program = this.programFor(command);
    if (program.host !== undefined) {
      this.runHost(program, program.host, command);
      return;
    }
    const args = this.args.reserve(program.argsBytes);
    const scratch = this.room(this.scratch, program.scratchBytes);
    const own = this.threadRoom(program.threadBytes);
    this.args.refresh();
    const { words } = this.args;
    const { buffers, scalars } = command;
    for (let i = 0; i < buffers.length; i++) {
      words[i] = this.address(buffers[i] as Binding, program.needs[i] as number);
    }
    words[scratchSlot(buffers.length) >> 2] = scratch;
    for (let i = 0; i < scalars.length; i++) {
      this.args.setScalar(program.scalars[i] as ComputeType, scalarSlot(buffers.length, i), scalars[i] as number);
    }
    for (let i = 0; i < program.phases.length; i++) {
      const { run, units, cost, index } = program.phases[i] as (typeof program.phases)[number];
      if (this.pool === undefined || cost < this.parallelFrom || units < 2) {
        if (units > 0) run(args, 0, units, own);
        continue;
      }
      const { job } = this;
      program.shared ??= this.share(program.code as Uint8Array);
      job.program = program.id;
      job.codeAddress = program.shared.address;
      job.codeBytes = (program.code as Uint8Array).length;
      job.phase = index;
      job.run = run as () => void;
      job.units = units;
      job.cost = cost;
      job.args = args;
      job.threadAddress = own;
      job.threadBytes = this.threadStride;
      this.pool.run(job);
    }
  }

  private runHost(program: CpuProgram, host: { run: HostRun }, command: Command): void {
    const { kernel } = program;
    const { buffer } = this.store.wasm;
    const shapes = kernel.kind === "custom" ? kernel.shapes : [];
    const arrays = command.buffers.map((binding, i) => {
      const input = kernel.inputs[i];
      const output = i - kernel.inputs.length;
      const dtype = input?.dtype ?? kernel.outputs[output]?.dtype ?? "uint8";
      return hostArrayOver(
        dtype,
        buffer,
        this.address(binding, program.needs[i] as number),
        sizeOf(input?.view.shape ?? shapes[output] ?? []),
      );
    });
    host.run(arrays.slice(0, kernel.inputs.length), arrays.slice(kernel.inputs.length), command.scalars);
  }

  /** Where the program's code lies for the workers. */
  private share(code: Uint8Array): Block {
    const block = this.store.reserve(code.length);
    this.store.bytes.set(code, block.address);
    return block;
  }

  /** Where at least `bytes` bytes of a binding lie. */
  private address({ buffer, byteOffset }: Binding, bytes: number): number {
    const { address } = this.own(buffer);
    if (address < 0) throw new ArgumentError("cpu", "the buffer was freed before");
    if (byteOffset < 0 || byteOffset + bytes > buffer.bytes) {
      throw new ArgumentError(
        "cpu",
        `bytes ${byteOffset} to ${byteOffset + bytes} lie outside a buffer of ${buffer.bytes} bytes`,
      );
    }
    return address + byteOffset;
  }

  private own(buffer: DeviceBuffer): CpuBuffer {
    if (!(buffer instanceof CpuBuffer) || buffer.memory !== this.store) {
      throw new ArgumentError("cpu", "the buffer belongs to another device");
    }
    return buffer;
  }

  /** The address of at least `bytes` bytes of a region. */
  private room(region: Region, bytes: number): number {
    if (region.block !== undefined && region.block.bytes >= bytes) return region.block.address;
    if (region.block !== undefined) this.store.release(region.block);
    region.block = undefined;
    region.block = this.store.reserve(bytes);
    return region.block.address;
  }

  private threadRoom(bytes: number): number {
    if (bytes <= this.threadStride) return this.threadScratch.block?.address ?? 0;
    const stride = Math.ceil(bytes / 64) * 64;
    const address = this.room(this.threadScratch, stride * (this.pool?.threads ?? 1));
    this.threadStride = stride;
    return address;
  }

  /** Gives scratch memory back, when there is no room for a buffer. */
  private relieve(): void {
    if (this.running) return;
    for (const region of [this.scratch, this.threadScratch]) {
      if (region.block !== undefined) this.store.release(region.block);
      region.block = undefined;
    }
    this.threadStride = 0;
  }
}

type HostRun = NonNullable<CpuProgram["host"]>["run"];

/**
 * A CPU device: WebAssembly SIMD on as many threads as asked for. Workers start with the first kernel that is worth it and never keep a
 * process alive; results do not depend on their number.
 *
 * @example const device = createCpuBackend({ threads: 4 });
 */
export const createCpuBackend = (options: CpuOptions = {}): Backend => new CpuBackend(options);
