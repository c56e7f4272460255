import { Variable } from "@gradloom/tensor";
import type { AnyModule } from "./module.ts";

/** The field by which modules are told from other objects. */
export const isModule: unique symbol = Symbol("module");

/** A container's field whose entries are named as if they were the container's own: "0.weight", not "layers.0.weight". */
export const contents: unique symbol = Symbol("contents");

/** What is found in a module, by name. */
export interface Found {
  readonly modules: Map<string, AnyModule>;
  readonly parameters: Map<string, Variable>;
  readonly buffers: Map<string, Variable>;
  /** Further names of variables that are in several places. */
  readonly aliases: Map<string, Variable>;
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Looks through a module's fields, in their order, and those of the modules in it. */
export const walk = (root: AnyModule): Found => {
  const found: Found = { modules: new Map(), parameters: new Map(), buffers: new Map(), aliases: new Map() };
  const seen = new Set<unknown>();
  /** The modules around the one that is looked at: a field that leads back to one is not followed. */
  const open = new Set<AnyModule>();

  const visit = (name: string, value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const known = seen.has(value);
    if (value instanceof Variable) {
      const kind = known ? found.aliases : value.trainable ? found.parameters : found.buffers;
      kind.set(name, value);
      seen.add(value);
      return;
    }
    // A module in two places has two names for each of its variables: the second ones are aliases.
    if (known && !(isModule in value)) return;
    if (isModule in value) {
      const module = value as AnyModule;
      if (open.has(module)) return;
      if (!known) found.modules.set(name, module);
      seen.add(module);
      open.add(module);
      visitFields(name, (value as { [contents]?: object })[contents] ?? value);
      open.delete(module);
    } else if (Array.isArray(value) || value instanceof Map || isPlain(value)) {
      seen.add(value);
      visitFields(name, value);
    }
  };
  const visitFields = (prefix: string, value: object): void => {
    const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
    for (const [key, field] of entries) visit(prefix === "" ? String(key) : `${prefix}.${key}`, field);
  };

  visit("", root);
  return found;
};
