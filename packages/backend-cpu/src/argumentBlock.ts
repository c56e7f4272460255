import type { ComputeType } from "@gradloom/backend";
import type { Block } from "./allocator.ts";
import type { Memory } from "./memory.ts";

/** The block of arguments that a kernel finds in memory; one serves all, since kernels run one after the other. */
export class ArgumentBlock {
  /** Addresses of buffers. */
  words = new Uint32Array(0);
  private integers = new Int32Array(0);
  private floats = new Float32Array(0);
  private doubles = new Float64Array(0);
  private readonly memory: Memory;
  private block: Block | undefined;
  private growths = -1;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** The address of at least `bytes` bytes. */
  reserve(bytes: number): number {
    if (this.block === undefined || this.block.bytes < bytes) {
      if (this.block !== undefined) this.memory.release(this.block);
      this.block = undefined;
      this.block = this.memory.reserve(bytes);
      this.growths = -1;
    }
    return this.block.address;
  }

  /** Makes the views anew if the memory has grown. */
  refresh(): void {
    if (this.growths === this.memory.growths || this.block === undefined) return;
    const { buffer } = this.memory.wasm;
    const { address, bytes } = this.block;
    this.words = new Uint32Array(buffer, address, bytes >> 2);
    this.integers = new Int32Array(buffer, address, bytes >> 2);
    this.floats = new Float32Array(buffer, address, bytes >> 2);
    this.doubles = new Float64Array(buffer, address, bytes >> 3);
    this.growths = this.memory.growths;
  }

  /** Writes a scalar at byte `slot`. */
  setScalar(type: ComputeType, slot: number, value: number): void {
    if (type === "float32") this.floats[slot >> 2] = value;
    else if (type === "float64") this.doubles[slot >> 3] = value;
    else if (type === "uint32") this.words[slot >> 2] = value;
    else this.integers[slot >> 2] = type === "bool" ? (value === 0 ? 0 : 1) : value;
  }
}
