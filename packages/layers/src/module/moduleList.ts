import { UnsupportedError } from "@gradloom/tensor";
import type { AnyModule } from "./module.ts";
import { Module } from "./module.ts";
import { contents } from "./walk.ts";

/**
 * Modules in a list, for a `forward` that calls them one by one. Parameters are named by position: "0.weight".
 *
 * @example class Net extends Module { readonly blocks = new ModuleList([new Linear(4, 4), new Linear(4, 4)]); ... }
 */
export class ModuleList<M extends AnyModule = Module> extends Module<[], never> {
  static override readonly name: string = "ModuleList";
  readonly #entries: M[];

  constructor(modules: Iterable<M> = []) {
    super();
    this.#entries = [...modules];
  }

  /** @internal */
  get [contents](): readonly M[] {
    return this.#entries;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** The module at a position; negative ones count from the end. */
  at(position: number): M | undefined {
    return this.#entries.at(position);
  }

  push(...modules: readonly M[]): void {
    this.#entries.push(...modules);
  }

  [Symbol.iterator](): Iterator<M> {
    return this.#entries[Symbol.iterator]();
  }

  forward(): never {
    throw new UnsupportedError("ModuleList", "is no function", "call the modules in it, or use Sequential");
  }
}
