import { bufferNeeds, type Kernel } from "@gradloom/backend";
import { Memory } from "./memory.ts";
import type { Source } from "./source.ts";

/** The buffers of a kernel in one pass, bound when they are first touched. */
export class Buffers {
  readonly #source: Source;
  readonly #kernel: Kernel;
  readonly #needs: readonly number[];
  readonly #inputs = new Map<number, Memory>();
  readonly #outputs = new Map<number, Memory>();

  constructor(source: Source, kernel: Kernel) {
    this.#source = source;
    this.#kernel = kernel;
    this.#needs = bufferNeeds(kernel);
  }

  /** An input; the same memory as the output that is written over it, where this pass writes that output. */
  input(index: number): Memory {
    const { shares } = this.#kernel.inputs[index] as Kernel["inputs"][number];
    if (shares !== undefined) return this.input(shares);
    const over = this.#kernel.outputs.findIndex((output) => output.over === index);
    if (over >= 0) return this.output(over);
    let memory = this.#inputs.get(index);
    if (memory === undefined) {
      const { dtype } = this.#kernel.inputs[index] as Kernel["inputs"][number];
      memory = new Memory(this.#source, "kernel", index, dtype, this.#needs[index] as number, "read");
      this.#inputs.set(index, memory);
    }
    return memory;
  }

  /** An output; `whole` where this pass writes all of its words with `storeWord`. */
  output(index: number, whole = false): Memory {
    let memory = this.#outputs.get(index);
    if (memory === undefined) {
      const { dtype, over } = this.#kernel.outputs[index] as Kernel["outputs"][number];
      const place = this.#kernel.inputs.length + index;
      const bytes = Math.max(this.#needs[place] as number, over === undefined ? 0 : (this.#needs[over] as number));
      memory = new Memory(this.#source, "kernel", place, dtype, bytes, "write", whole);
      this.#outputs.set(index, memory);
    }
    return memory;
  }
}
