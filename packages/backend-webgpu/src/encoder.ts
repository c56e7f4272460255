import { GradloomError } from "@gradloom/backend";
import type { GpuBuffer } from "./bufferPool.ts";
import type { Faults } from "./faults.ts";
import { usage } from "./flags.ts";
import type { Layouts, PreparedPass, WebGpuProgram } from "./program.ts";
import { ScalarBlocks } from "./scalarBlocks.ts";

/** One program with its buffers, safe from later changes of the caller's lists. */
export interface Work {
  readonly program: WebGpuProgram;
  readonly buffers: readonly GpuBuffer[];
  readonly offsets: readonly number[];
  readonly scalars: readonly number[];
}

/** Bind groups that a pass remembers. */
const mostGroups = 64;

/** A scratch buffer, shared by all programs since they run one after another. */
interface Scratch {
  readonly gpu: GPUBuffer;
  readonly bytes: number;
  readonly id: string;
}

/** Turns work into commands of the device. */
export class Encoder {
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #scalars: ScalarBlocks;
  readonly #scratch: Scratch[] = [];
  #scratches = 0;
  readonly counters = { dispatches: 0, submits: 0 };

  constructor(device: GPUDevice, faults: Faults, layouts: Layouts) {
    this.#device = device;
    this.#faults = faults;
    this.#scalars = new ScalarBlocks(device, layouts);
  }

  /** Runs all work as one compute pass in one submission. */
  submit(list: readonly Work[]): void {
    this.#submit(list, (encoder, places) => {
      const pass = encoder.beginComputePass();
      list.forEach((work, i) => {
        this.#encode(pass, work, places[i] as number);
      });
      pass.end();
    });
  }

  /** As `submit`, with a time stamp written before and after each piece of work. */
  submitTimed(list: readonly Work[], stamps: GPUQuerySet, target: GPUBuffer): void {
    this.#submit(list, (encoder, places) => {
      list.forEach((work, i) => {
        const timestampWrites = {
          querySet: stamps,
          beginningOfPassWriteIndex: 2 * i,
          endOfPassWriteIndex: 2 * i + 1,
        };
        const pass = encoder.beginComputePass({ timestampWrites });
        this.#encode(pass, work, places[i] as number);
        pass.end();
      });
      encoder.resolveQuerySet(stamps, 0, 2 * list.length, target, 0);
    });
  }

  #submit(list: readonly Work[], encode: (encoder: GPUCommandEncoder, places: readonly number[]) => void): void {
    const broken = list.find(({ program }) => program.fault !== undefined);
    if (broken !== undefined) {
      this.#faults.add(broken.program.fault as GradloomError);
      return;
    }
    const names = (): string => [...new Set(list.map(({ program }) => program.label))].slice(0, 5).join(", ");
    const describe = (message: string) =>
      new GradloomError("webgpu", `the device refused work (${names()}): ${message}`);
    this.#faults.guard("validation", describe, () => {
      this.#scalars.start();
      const places = list.map(({ program, scalars }) =>
        scalars.length === 0 ? 0 : this.#scalars.add(program, scalars),
      );
      this.#scalars.write();
      // A scratch buffer that grows is destroyed, so none may grow while commands are encoded.
      for (const { program } of list) for (const [slot, bytes] of program.scratch.entries()) this.#room(slot, bytes);
      const encoder = this.#device.createCommandEncoder();
      encode(encoder, places);
      this.#device.queue.submit([encoder.finish()]);
      this.counters.submits++;
    });
  }

  #encode(pass: GPUComputePassEncoder, work: Work, place: number): void {
    const { program, scalars } = work;
    for (const each of program.passes) {
      pass.setPipeline(each.pipeline as GPUComputePipeline);
      pass.setBindGroup(0, this.#group(each, work));
      if (each.scalars) pass.setBindGroup(1, this.#scalars.group(scalars.length), [place]);
      pass.dispatchWorkgroups(...each.grid);
      this.counters.dispatches++;
    }
  }

  #group(pass: PreparedPass, { program, buffers, offsets }: Work): GPUBindGroup {
    let key = "";
    for (const { of, index } of pass.uses) {
      key +=
        of === "kernel"
          ? `${(buffers[index] as GpuBuffer).id}+${offsets[index]} `
          : `${this.#room(index, program.scratch[index] as number).id} `;
    }
    let group = pass.groups.get(key);
    if (group === undefined) {
      if (pass.groups.size >= mostGroups) pass.groups.clear();
      const entries = pass.uses.map(({ of, index, byteOffset, bytes }, binding): GPUBindGroupEntry => {
        const size = Math.ceil(bytes / 16) * 16;
        const buffer = of === "kernel" ? (buffers[index] as GpuBuffer) : (this.#scratch[index] as Scratch);
        const offset = byteOffset + (of === "kernel" ? (offsets[index] as number) : 0);
        return { binding, resource: { buffer: buffer.gpu, offset, size: Math.min(size, buffer.bytes - offset) } };
      });
      group = this.#device.createBindGroup({ label: program.label, layout: pass.layout, entries });
      pass.groups.set(key, group);
    }
    return group;
  }

  /** Scratch buffer number `slot`, with at least so many bytes. */
  #room(slot: number, bytes: number): Scratch {
    const known = this.#scratch[slot];
    if (known !== undefined && known.bytes >= bytes) return known;
    known?.gpu.destroy();
    const size = Math.max(2 ** 16, 2 ** Math.ceil(Math.log2(bytes)));
    const gpu = this.#device.createBuffer({ label: `scratch ${slot}`, size, usage: usage.storage });
    const scratch = { gpu, bytes: size, id: `s${this.#scratches++}` };
    this.#scratch[slot] = scratch;
    return scratch;
  }
}
