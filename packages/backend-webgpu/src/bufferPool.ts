import type { DeviceBuffer, MemoryStatistics } from "@gradloom/backend";
import { type Faults, outOfMemory } from "./faults.ts";
import { usage } from "./flags.ts";

/** Memory on the device; `gpu` goes back to the pool when it is freed. */
export class GpuBuffer implements DeviceBuffer {
  readonly bytes: number;
  readonly owner: BufferPool;
  readonly gpu: GPUBuffer;
  /** Names the memory in the keys of caches; a reused memory keeps its name. */
  readonly id: number;
  freed = false;

  constructor(owner: BufferPool, { gpu, bytes, id }: Memory) {
    this.owner = owner;
    this.gpu = gpu;
    this.bytes = bytes;
    this.id = id;
  }
}

interface Memory {
  readonly gpu: GPUBuffer;
  readonly bytes: number;
  readonly id: number;
}

/** What the pool has done. */
export interface PoolStatistics extends MemoryStatistics {
  /** Bytes that wait to be used again. */
  readonly idleBytes: number;
  /** Buffers that the device made, and requests that an idle one answered. */
  readonly created: number;
  readonly reused: number;
}

const smallest = 256;
/** Idle memory that is kept however little is live. */
const idleFloor = 2 ** 28;

/** Sizes come in steps of an eighth of the next power of two below, so that freed memory fits later requests. */
const sizeClass = (bytes: number): number => {
  const step = Math.max(smallest, 2 ** (Math.floor(Math.log2(Math.max(1, bytes))) - 3));
  return Math.max(smallest, Math.ceil(bytes / step) * step);
};

/** Storage buffers, kept for reuse when they are freed. */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  /** Idle memory by size, the longest idle size first. */
  readonly #idle = new Map<number, Memory[]>();
  #idleBytes = 0;
  #live = 0;
  #peak = 0;
  #buffers = 0;
  #created = 0;
  #reused = 0;

  constructor(device: GPUDevice, faults: Faults) {
    this.#device = device;
    this.#faults = faults;
  }

  allocate(bytes: number): GpuBuffer {
    const size = Math.min(sizeClass(bytes), Math.max(bytes, this.#device.limits.maxBufferSize));
    const memory = this.#idle.get(size)?.pop() ?? this.#create(size, bytes);
    if (memory.id < this.#created) {
      this.#idleBytes -= size;
      this.#reused++;
    } else this.#created++;
    this.#buffers++;
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return new GpuBuffer(this, memory);
  }

  /** Takes a buffer out of the count of live ones; `recycle` lets its memory be used again. */
  free(buffer: GpuBuffer): void {
    buffer.freed = true;
    this.#buffers--;
    this.#live -= buffer.bytes;
  }

  recycle({ gpu, bytes, id }: GpuBuffer): void {
    const same = this.#idle.get(bytes) ?? [];
    this.#idle.delete(bytes);
    this.#idle.set(bytes, same);
    same.push({ gpu, bytes, id });
    this.#idleBytes += bytes;
    this.#trim(Math.max(idleFloor, this.#peak));
  }

  statistics(): PoolStatistics {
    return {
      liveBytes: this.#live,
      peakBytes: this.#peak,
      buffers: this.#buffers,
      idleBytes: this.#idleBytes,
      created: this.#created,
      reused: this.#reused,
    };
  }

  #create(size: number, asked: number): Memory {
    const { maxBufferSize } = this.#device.limits;
    if (size > maxBufferSize) {
      throw outOfMemory(asked, this.#live, `one buffer of this device holds at most ${maxBufferSize} bytes`);
    }
    const live = this.#live;
    const gpu = this.#faults.guard(
      "out-of-memory",
      (message) => outOfMemory(asked, live, message),
      () => this.#device.createBuffer({ size, usage: usage.storage | usage.copySource | usage.copyTarget }),
    );
    return { gpu, bytes: size, id: this.#created };
  }

  /** Gives idle memory back to the device, the longest idle first, until at most `most` bytes are left. */
  #trim(most: number): void {
    for (const [size, list] of this.#idle) {
      while (this.#idleBytes > most && list.length > 0) {
        list.shift()?.gpu.destroy();
        this.#idleBytes -= size;
      }
      if (list.length === 0) this.#idle.delete(size);
      if (this.#idleBytes <= most) return;
    }
  }
}
