import type { ComputeType } from "@gradloom/backend";
import { Memory } from "../memory.ts";
import { address } from "../position.ts";
import type { Source } from "../source.ts";
import type { Fold } from "./fold.ts";

/** States of parts of kept elements in scratch memory: words in one buffer, values of eight bytes in another. */
export class Partials {
  readonly #types: readonly ComputeType[];
  readonly #count: number;
  readonly #parts: number;

  constructor(folds: readonly Fold[], count: number, parts: number) {
    this.#types = folds.flatMap(({ types }) => types);
    this.#count = count;
    this.#parts = parts;
  }

  get #buffers(): { readonly dtype: "uint32" | "float64"; readonly types: number[] }[] {
    const ids = this.#types.map((_, i) => i);
    const wide = ids.filter((i) => this.#types[i] === "float64");
    const words = ids.filter((i) => this.#types[i] !== "float64");
    const all = [
      { dtype: "uint32" as const, types: words },
      { dtype: "float64" as const, types: wide },
    ];
    return all.filter(({ types }) => types.length > 0);
  }

  #bytes({ dtype, types }: { readonly dtype: "uint32" | "float64"; readonly types: number[] }): number {
    return types.length * this.#count * this.#parts * (dtype === "uint32" ? 4 : 8);
  }

  /** Bytes of the scratch buffers. */
  get bytes(): number[] {
    return this.#buffers.map((buffer) => this.#bytes(buffer));
  }

  /** Binds the scratch buffers; element and part are text of int32s. */
  open(s: Source, access: "read" | "write") {
    const memories = this.#buffers.map((buffer, index) => ({
      ...buffer,
      memory: new Memory(s, "scratch", index, buffer.dtype, this.#bytes(buffer), access),
    }));
    const each = (element: string, part: string, visit: (memory: Memory, at: string, type: number) => void): void => {
      const first = s.let("int32", address([this.#count, 1], [part, element]), "at");
      for (const { memory, types } of memories) {
        types.forEach((type, k) => {
          const at = k === 0 ? first : s.let("int32", `${first} + ${k * this.#count * this.#parts}`, "at");
          visit(memory, at, type);
        });
      }
    };
    const { dialect } = s;
    return {
      store: (element: string, part: string, states: readonly string[]): void =>
        each(element, part, (memory, at, i) => {
          const type = this.#types[i] as ComputeType;
          const value = states[i] as string;
          memory.store(at, type === memory.dtype ? value : dialect.bitcast(type, "uint32", value));
        }),
      load: (element: string, part: string): string[] => {
        const values: string[] = [];
        each(element, part, (memory, at, i) => {
          const type = this.#types[i] as ComputeType;
          const value = memory.load(at);
          values[i] = s.let(type, type === memory.dtype ? value : dialect.bitcast("uint32", type, value), "part");
        });
        return values;
      },
    };
  }
}
