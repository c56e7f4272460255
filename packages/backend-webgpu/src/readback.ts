import type { Faults } from "./faults.ts";
import { mapRead, usage } from "./flags.ts";

const smallest = 2 ** 12;
/** Idle staging memory that is kept. */
const mostIdle = 2 ** 26;

/** Copies device memory to the host through staging buffers. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #idle: GPUBuffer[] = [];
  #idleBytes = 0;

  constructor(device: GPUDevice, faults: Faults) {
    this.#device = device;
    this.#faults = faults;
  }

  /** Submits the copy at once; resolves with the bytes when all that was submitted before has run. */
  async read(source: GPUBuffer, byteOffset: number, bytes: number): Promise<ArrayBuffer> {
    const size = Math.ceil(bytes / 4) * 4;
    const staging = this.#take(size);
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, byteOffset, staging, 0, size);
    this.#device.queue.submit([encoder.finish()]);
    await this.#faults.race(staging.mapAsync(mapRead, 0, size));
    const copy = new Uint8Array(bytes);
    copy.set(new Uint8Array(staging.getMappedRange(0, size), 0, bytes));
    staging.unmap();
    this.#give(staging);
    return copy.buffer;
  }

  #take(bytes: number): GPUBuffer {
    const at = this.#idle.findIndex(({ size }) => size >= bytes && size <= 4 * Math.max(smallest, bytes));
    const [known] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (known !== undefined) {
      this.#idleBytes -= known.size;
      return known;
    }
    const size = Math.max(smallest, 2 ** Math.ceil(Math.log2(bytes)));
    return this.#device.createBuffer({
      label: "staging",
      size: Math.min(size, this.#device.limits.maxBufferSize),
      usage: usage.mapRead | usage.copyTarget,
    });
  }

  #give(staging: GPUBuffer): void {
    this.#idle.push(staging);
    this.#idleBytes += staging.size;
    while (this.#idleBytes > mostIdle) {
      const oldest = this.#idle.shift() as GPUBuffer;
      this.#idleBytes -= oldest.size;
      oldest.destroy();
    }
  }
}
