import type { ComputeType } from "@gradloom/backend";
import { usage } from "./flags.ts";
import type { Layouts, WebGpuProgram } from "./program.ts";

/** The scalar arguments of all commands of one submission, written to the device at once. */
export class ScalarBlocks {
  readonly #device: GPUDevice;
  readonly #layouts: Layouts;
  readonly #alignment: number;
  #host = new ArrayBuffer(2 ** 14);
  #floats = new Float32Array(this.#host);
  #words = new Uint32Array(this.#host);
  #used = 0;
  #gpu: GPUBuffer | undefined;
  readonly #groups = new Map<number, GPUBindGroup>();

  constructor(device: GPUDevice, layouts: Layouts) {
    this.#device = device;
    this.#layouts = layouts;
    this.#alignment = device.limits.minUniformBufferOffsetAlignment;
  }

  start(): void {
    this.#used = 0;
  }

  /** The place of a command's arguments among the bytes of the submission. */
  add({ scalars: types }: WebGpuProgram, values: readonly number[]): number {
    const at = this.#used;
    const bytes = Math.ceil((Math.ceil(values.length / 4) * 16) / this.#alignment) * this.#alignment;
    this.#used = at + bytes;
    if (this.#used > this.#host.byteLength) this.#grow();
    for (let i = 0; i < values.length; i++) this.#set(types[i] as ComputeType, at / 4 + i, values[i] as number);
    return at;
  }

  /** Sends what was added to the device. */
  write(): void {
    if (this.#used === 0) return;
    if (this.#gpu === undefined || this.#gpu.size < this.#host.byteLength) {
      this.#gpu?.destroy();
      this.#groups.clear();
      this.#gpu = this.#device.createBuffer({
        label: "scalar arguments",
        size: this.#host.byteLength,
        usage: usage.uniform | usage.copyTarget,
      });
    }
    this.#device.queue.writeBuffer(this.#gpu, 0, this.#host, 0, this.#used);
  }

  /** The bind group for blocks of a number of arguments, after `write`. */
  group(count: number): GPUBindGroup {
    const size = Math.ceil(count / 4) * 16;
    let group = this.#groups.get(size);
    if (group === undefined) {
      group = this.#device.createBindGroup({
        layout: this.#layouts.scalars,
        entries: [{ binding: 0, resource: { buffer: this.#gpu as GPUBuffer, size } }],
      });
      this.#groups.set(size, group);
    }
    return group;
  }

  #set(type: ComputeType, index: number, value: number): void {
    if (type === "float32") this.#floats[index] = value;
    else this.#words[index] = type === "bool" ? (value === 0 ? 0 : 1) : value;
  }

  #grow(): void {
    const words = this.#words;
    this.#host = new ArrayBuffer(2 * Math.max(this.#host.byteLength, this.#used));
    this.#floats = new Float32Array(this.#host);
    this.#words = new Uint32Array(this.#host);
    this.#words.set(words);
  }
}
