import {
  ArgumentError,
  type Backend,
  type BackendTraits,
  type Binding,
  type Command,
  checkKernel,
  type DeviceBuffer,
  DeviceError,
  dtypes,
  type Kernel,
  kernelKey,
  type Program,
  UnsupportedError,
  unmetNeed,
} from "@gradloom/backend";
import { compileKernel, type GpuProgram, type Limits, segmentBytes, unprintable, wgsl } from "@gradloom/codegen";
import { BufferPool, GpuBuffer, type PoolStatistics } from "./bufferPool.ts";
import { Encoder, type Work } from "./encoder.ts";
import { Faults } from "./faults.ts";
import { Layouts, WebGpuProgram } from "./program.ts";
import { Readback } from "./readback.ts";
import { Timeline } from "./timeline.ts";
import { timeWithStamps } from "./timing.ts";

const where = "webgpu";
const alignment = 256;

/** A WebGPU device behind the backend contract. */
export class WebGpuBackend implements Backend {
  readonly name = "webgpu";
  readonly traits: BackendTraits;
  readonly #device: GPUDevice;
  readonly #limits: Limits;
  readonly #faults: Faults;
  readonly #pool: BufferPool;
  readonly #readback: Readback;
  readonly #layouts: Layouts;
  readonly #encoder: Encoder;
  readonly #timeline = new Timeline();
  readonly #cache = new Map<string, WebGpuProgram>();
  readonly #programOf = new WeakMap<Kernel, WebGpuProgram>();
  #disposed = false;

  constructor(device: GPUDevice, limits: Limits) {
    this.#device = device;
    this.#limits = limits;
    this.#faults = new Faults(device);
    this.#pool = new BufferPool(device, this.#faults);
    this.#readback = new Readback(device, this.#faults);
    this.#layouts = new Layouts(device);
    this.#encoder = new Encoder(device, this.#faults, this.#layouts);
    this.traits = {
      storage: new Set(dtypes.filter((dtype) => dtype !== "float64")),
      compute: new Set(["float32", "int32", "uint32", "bool"]),
      maxBuffers: device.limits.maxStorageBuffersPerShaderStage,
      bindingBytes: segmentBytes(this.#limits),
      maxRow: 16384,
      scratch: "buffers",
      alignment,
    };
  }

  /** Work given to the device so far. */
  get counters(): { readonly dispatches: number; readonly submits: number } {
    return this.#encoder.counters;
  }

  get lost(): boolean {
    return this.#disposed || this.#faults.lost !== undefined;
  }

  allocate(bytes: number): DeviceBuffer {
    this.#alive();
    if (!Number.isInteger(bytes) || bytes < 0) {
      throw new ArgumentError(where, `a buffer has a whole number of bytes >= 0, got ${bytes}`);
    }
    return this.#pool.allocate(bytes);
  }

  free(buffer: DeviceBuffer): void {
    const own = this.#own(buffer);
    if (own.freed) throw new ArgumentError(where, "the buffer was freed before");
    this.#pool.free(own);
    this.#timeline.add(() => this.#pool.recycle(own));
  }

  upload(target: Binding, data: ArrayBufferView): void {
    this.#alive();
    const { gpu } = this.#check(target, data.byteLength);
    const { byteOffset } = target;
    if (data.byteLength === 0) return;
    // The device takes whole words; a deferred upload must not see later changes of the host's array.
    const whole = data.byteLength % 4 === 0 && !this.#timeline.behind;
    const bytes = whole ? data : new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
    if (!whole) (bytes as Uint8Array).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.#timeline.add(() => {
      const { buffer, byteOffset: from, byteLength } = bytes;
      this.#device.queue.writeBuffer(gpu, byteOffset, buffer as ArrayBuffer, from, byteLength);
    });
  }

  async download(source: Binding, bytes: number): Promise<ArrayBuffer> {
    this.#alive();
    const { gpu } = this.#check(source, bytes);
    const { byteOffset } = source;
    if (bytes === 0) {
      await this.synchronize();
      return new ArrayBuffer(0);
    }
    const result = await this.#faults.race(
      new Promise<ArrayBuffer>((resolve, reject) => {
        this.#timeline.add(() => {
          this.#readback.read(gpu, byteOffset, bytes).then(resolve, reject);
        });
      }),
    );
    await this.#faults.settle();
    return result;
  }

  unsupported(kernel: Kernel): string | undefined {
    return unmetNeed(kernel, this.traits) ?? unprintable(kernel, wgsl, this.#limits);
  }

  prepare(kernel: Kernel): Program {
    const known = this.#programOf.get(kernel);
    if (known !== undefined) return known;
    this.#alive();
    const key = kernelKey(kernel);
    let program = this.#cache.get(key);
    if (program === undefined) {
      checkKernel(kernel);
      const reason = this.unsupported(kernel);
      if (reason !== undefined) throw new UnsupportedError(where, reason);
      program = new WebGpuProgram(kernel, this.#codeOf(kernel), this.#device, this.#layouts);
      this.#cache.set(key, program);
    }
    this.#programOf.set(kernel, program);
    return program;
  }

  run(commands: readonly Command[]): void {
    this.#alive();
    const work = this.#workOf(commands);
    if (work.length > 0) this.#timeline.add(() => this.#encoder.submit(work), ready(work));
  }

  async time(commands: readonly Command[]): Promise<number[]> {
    this.#alive();
    const list = this.#workOf(commands);
    await this.#faults.race(Promise.all(list.map(({ program }) => program.ready)));
    await this.synchronize();
    if (this.#device.features.has("timestamp-query")) {
      const times = await this.#faults.race(timeWithStamps(this.#device, this.#encoder, list));
      await this.synchronize();
      return times;
    }
    const times: number[] = [];
    for (const work of list) {
      const start = performance.now();
      this.#encoder.submit([work]);
      await this.synchronize();
      times.push(performance.now() - start);
    }
    return times;
  }

  async synchronize(): Promise<void> {
    this.#alive();
    await this.#faults.race(new Promise<void>((resolve) => this.#timeline.add(resolve)));
    await this.#faults.race(this.#device.queue.onSubmittedWorkDone());
    await this.#faults.settle();
  }

  memory(): PoolStatistics {
    return this.#pool.statistics();
  }

  get programs(): number {
    return this.#cache.size;
  }

  /** Makes the device as good as lost, for tests of what happens then. */
  loseDevice(): void {
    this.#device.destroy();
  }

  dispose(): void {
    this.#disposed = true;
    this.#device.destroy();
  }

  #alive(): void {
    if (this.#disposed) throw new DeviceError(where, "the device was disposed before", "make a new one");
    if (this.#faults.lost !== undefined) throw this.#faults.lost;
  }

  async #codeOf(kernel: Kernel): Promise<GpuProgram> {
    const code = await compileKernel(kernel, wgsl, this.#limits);
    const bound = Math.max(0, ...code.passes.map(({ uses }) => uses.length));
    const { maxBuffers } = this.traits;
    if (bound <= maxBuffers) return code;
    throw new UnsupportedError(
      where,
      `a ${kernel.kind} kernel binds ${bound} buffers, at most ${maxBuffers} are possible`,
    );
  }

  #workOf(commands: readonly Command[]): Work[] {
    return commands.map(({ program, buffers, scalars }) => {
      if (!(program instanceof WebGpuProgram) || program.device !== this.#device) {
        throw new ArgumentError(where, "the program was prepared by another device");
      }
      if (buffers.length !== program.needs.length || scalars.length !== program.scalars.length) {
        throw new ArgumentError(
          where,
          `a ${program.kernel.kind} kernel takes ${program.needs.length} buffers and ${program.scalars.length} scalars, got ` +
            `${buffers.length} and ${scalars.length}`,
        );
      }
      return {
        program,
        buffers: buffers.map((binding, i) => this.#check(binding, program.needs[i] as number)),
        offsets: buffers.map(({ byteOffset }) => byteOffset),
        scalars: [...scalars],
      };
    });
  }

  /** The buffer behind a binding that has at least `bytes` bytes. */
  #check({ buffer, byteOffset }: Binding, bytes: number): GpuBuffer {
    const own = this.#own(buffer);
    if (own.freed) throw new ArgumentError(where, "the buffer was freed before");
    if (byteOffset < 0 || byteOffset % alignment !== 0 || byteOffset + bytes > own.bytes) {
      throw new ArgumentError(
        where,
        `bytes ${byteOffset} to ${byteOffset + bytes} lie outside a buffer of ${own.bytes} bytes, or not at a multiple of ${alignment}`,
      );
    }
    return own;
  }

  #own(buffer: DeviceBuffer): GpuBuffer {
    if (!(buffer instanceof GpuBuffer) || buffer.owner !== this.#pool) {
      throw new ArgumentError(where, "the buffer belongs to another device");
    }
    return buffer;
  }
}

/** What work waits for; undefined when nothing. */
const ready = (work: readonly Work[]): Promise<unknown> | undefined => {
  const waiting = work.filter(({ program }) => !program.isReady).map(({ program }) => program.ready);
  return waiting.length === 0 ? undefined : Promise.all(waiting);
};
