import { ArgumentError, UnsupportedError } from "@gradloom/tensor";
import type { AnyModule } from "./module.ts";
import { Module } from "./module.ts";
import { contents } from "./walk.ts";

/**
 * Modules by name, for a `forward` that chooses among them. Parameters are named by key: "left.weight".
 *
 * @throws ArgumentError for a key with a dot.
 * @example new ModuleDict({ left: new Linear(4, 4), right: new Linear(4, 4) }).get("left")
 */
export class ModuleDict<M extends AnyModule = Module, K extends string = string> extends Module<[], never> {
  static override readonly name: string = "ModuleDict";
  readonly #entries = new Map<string, M>();

  constructor(modules: Readonly<Record<K, M>>) {
    super();
    for (const [name, module] of Object.entries<M>(modules)) this.set(name, module);
  }

  /** @internal */
  get [contents](): ReadonlyMap<string, M> {
    return this.#entries;
  }

  /** @throws ArgumentError for an unknown name. */
  get(name: K): M {
    const module = this.#entries.get(name);
    if (module === undefined) {
      throw new ArgumentError("ModuleDict", `has no "${name}"`, `use one of ${[...this.#entries.keys()].join(", ")}`);
    }
    return module;
  }

  has(name: string): name is K {
    return this.#entries.has(name);
  }

  set(name: string, module: M): void {
    if (name === "" || name.includes(".")) throw new ArgumentError("ModuleDict", `a name has no dots, got "${name}"`);
    this.#entries.set(name, module);
  }

  [Symbol.iterator](): Iterator<[string, M]> {
    return this.#entries[Symbol.iterator]();
  }

  forward(): never {
    throw new UnsupportedError("ModuleDict", "is no function", "call the modules in it");
  }
}
