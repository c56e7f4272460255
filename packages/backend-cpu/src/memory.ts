import { type DeviceBuffer, type MemoryStatistics, OutOfMemoryError } from "@gradloom/backend";
import { Allocator, type Block } from "./allocator.ts";

const pageBytes = 65536;
/** One page below 4 GiB: end addresses fit into 32 bits, and so do lengths of arrays in every engine. */
const mostPages = 65535;
const leastPages = 1024;
const firstPages = 16;

/** A part of the memory that belongs to a tensor. */
export class CpuBuffer implements DeviceBuffer {
  readonly bytes: number;
  readonly memory: Memory;
  /** -1 once freed. */
  address: number;
  block: Block;

  constructor(memory: Memory, bytes: number, block: Block) {
    this.memory = memory;
    this.bytes = bytes;
    this.block = block;
    this.address = block.address;
  }
}

/** Whether threads can share memory here: always in Node, in browsers on cross-origin isolated pages. */
export const canShareMemory = (): boolean => typeof SharedArrayBuffer === "function";

/**
 * The one WebAssembly memory that holds all buffers, growing as needed. Kernels may read up to a page behind the end of a buffer.
 * What `reserve` takes is the backend's own (scratch, code) and not counted in the statistics.
 */
export class Memory {
  readonly wasm: WebAssembly.Memory;
  readonly shared: boolean;
  readonly maxPages: number;
  /** All bytes; a new array after each growth. */
  bytes: Uint8Array;
  /** Counts growths, after which views of the memory are to be made anew. */
  growths = 0;
  private readonly allocator: Allocator;
  private liveBytes = 0;
  private peakBytes = 0;
  private buffers = 0;
  private reservedBytes = 0;
  /** Gives back what `reserve` took and nobody needs now. */
  private readonly relieve: () => void;

  constructor(maxBytes: number, shared: boolean, relieve: () => void) {
    this.shared = shared;
    this.relieve = relieve;
    const { wasm, pages } = createMemory(Math.min(mostPages, Math.ceil(maxBytes / pageBytes) + 1), shared);
    this.wasm = wasm;
    this.maxPages = pages;
    this.bytes = new Uint8Array(wasm.buffer);
    const limit = Math.min(Math.floor(maxBytes), (pages - 1) * pageBytes);
    this.allocator = new Allocator(0, limit, (end) => this.grow(end));
  }

  allocate(bytes: number): CpuBuffer {
    const block = this.take(bytes);
    this.liveBytes += bytes;
    this.buffers++;
    if (this.liveBytes > this.peakBytes) this.peakBytes = this.liveBytes;
    return new CpuBuffer(this, bytes, block);
  }

  /** Does nothing for a buffer that was freed before. */
  free(buffer: CpuBuffer): void {
    if (buffer.address < 0) return;
    buffer.address = -1;
    this.liveBytes -= buffer.bytes;
    this.buffers--;
    this.allocator.free(buffer.block);
  }

  reserve(bytes: number): Block {
    const block = this.take(bytes);
    this.reservedBytes += block.bytes;
    return block;
  }

  release(block: Block): void {
    this.reservedBytes -= block.bytes;
    this.allocator.free(block);
  }

  statistics(): MemoryStatistics {
    return { liveBytes: this.liveBytes, peakBytes: this.peakBytes, buffers: this.buffers };
  }

  private take(bytes: number): Block {
    let block = this.allocator.allocate(bytes);
    if (block !== undefined) return block;
    this.relieve();
    block = this.allocator.allocate(bytes);
    if (block !== undefined) return block;
    throw new OutOfMemoryError(
      "cpu",
      `no room for ${bytes} bytes: ${this.liveBytes} bytes are live in ${this.buffers} buffers, ${this.reservedBytes} are scratch ` +
        `memory, and the largest free block has ${this.allocator.largestFree}`,
      "free tensors that are no longer needed, or use smaller batches",
    );
  }

  private grow(end: number): boolean {
    const pages = this.bytes.length / pageBytes;
    const needed = Math.ceil(end / pageBytes) + 1;
    if (needed <= pages) return true;
    // Growing costs a new view of everything, so it goes in steps of an eighth.
    const generous = Math.min(this.maxPages, Math.max(needed, pages + (pages >> 3)));
    if (!this.growTo(generous) && !this.growTo(needed)) return false;
    this.bytes = new Uint8Array(this.wasm.buffer);
    this.growths++;
    return true;
  }

  private growTo(pages: number): boolean {
    try {
      this.wasm.grow(pages - this.bytes.length / pageBytes);
      return true;
    } catch {
      return false;
    }
  }
}

/** An engine reserves addresses for the maximum; where it has not so many, the largest power-of-two part that it has. */
const createMemory = (pages: number, shared: boolean): { wasm: WebAssembly.Memory; pages: number } => {
  for (;;) {
    try {
      return { wasm: new WebAssembly.Memory({ initial: Math.min(firstPages, pages), maximum: pages, shared }), pages };
    } catch (error) {
      if (pages <= leastPages) throw error;
      pages = Math.max(leastPages, pages >> 1);
    }
  }
};
