import type { DType, Shape } from "@gradloom/backend";
import { StaleTensorError, sameShape } from "@gradloom/backend";
import { constant, positions, scalar, variableValue } from "../graph/leaves.ts";
import type { Primitive } from "../graph/primitive.ts";
import type { Alias, Tensor } from "../tensor.ts";
import type { Variable } from "../variable.ts";

/** Where a node's value comes from; undefined when it is to be computed. */
export type Leaf = "stored" | "host" | "variable" | "constant" | "scalar" | "positions" | undefined;

/** A value that an evaluation must leave behind. */
export interface Root {
  readonly tensor: Tensor;
  /** The variable that takes the value; undefined for a tensor that keeps it. */
  readonly variable: Variable | undefined;
}

/** The un-evaluated graph under some roots, inputs before users. */
export interface Collected {
  readonly nodes: Tensor[];
  readonly leaves: Leaf[];
  readonly roots: readonly Root[];
  readonly hash: number;
}

let walks = 0;

export const disposedError = (t: Tensor): StaleTensorError =>
  new StaleTensorError(t.primitive.name, "the tensor has been disposed of", "dispose of it after its last use");

const leafOf = (t: Tensor): Leaf => {
  if (t.disposed) throw disposedError(t);
  if (t.storage !== undefined) return "stored";
  if (t.host !== undefined) return "host";
  if (t.alias !== undefined) {
    const { variable, version } = t.alias;
    if (variable.version !== version) {
      throw new StaleTensorError(
        variable.name,
        "a tensor computed from the variable was read after the variable was overwritten",
        "evaluate it before the update, or keep it with the update",
      );
    }
    return "variable";
  }
  switch (t.primitive as Primitive) {
    case constant:
      return "constant";
    case scalar:
      return "scalar";
    case positions:
      return "positions";
    case variableValue:
      throw new StaleTensorError("variable", "the variable's value is gone");
    default:
      return undefined;
  }
};

const primitiveIds = new WeakMap<object, number>();
let primitives = 0;
/** A number for each primitive. */
export const primitiveId = (primitive: object): number => {
  let id = primitiveIds.get(primitive);
  if (id === undefined) {
    id = ++primitives;
    primitiveIds.set(primitive, id);
  }
  return id;
};

const mix = (hash: number, value: number): number => Math.imul(hash ^ value, 0x9e3779b1) ^ (hash >>> 15);

const hashValue = (hash: number, value: unknown): number => {
  if (typeof value === "number") return mix(hash, value | 0) + (value % 1 === 0 ? 0 : Math.floor((value % 1) * 1e9));
  if (typeof value === "string") return mix(hash, value.length * 31 + value.charCodeAt(0));
  if (typeof value === "boolean") return mix(hash, value ? 3 : 5);
  if (typeof value === "object" && value !== null)
    for (const key in value) hash = hashValue(hash, (value as Record<string, unknown>)[key]);
  return hash;
};

/** Whether the attributes of a leaf are part of the structure. */
const structural = (leaf: Leaf): boolean => leaf === undefined || leaf === "constant";

/** Walks the graph under the roots; iterative, so deep graphs do not exhaust the stack. */
export const collect = (roots: readonly Root[]): Collected => {
  const walk = ++walks;
  const nodes: Tensor[] = [];
  const leaves: Leaf[] = [];
  let hash = roots.length;
  const stack: Tensor[] = [];
  const next: number[] = [];
  for (const root of roots) {
    if (root.tensor.mark !== walk) {
      stack.push(root.tensor);
      next.push(0);
      root.tensor.mark = walk;
    }
    while (stack.length > 0) {
      const t = stack[stack.length - 1] as Tensor;
      let i = next[next.length - 1] as number;
      let leaf: Leaf;
      if (i === 0) {
        leaf = leafOf(t);
        if (leaf === undefined) i = 1;
      }
      if (i > 0) {
        const inputs = t.inputs;
        while (i <= inputs.length && (inputs[i - 1] as Tensor).mark === walk) i++;
        if (i <= inputs.length) {
          const input = inputs[i - 1] as Tensor;
          next[next.length - 1] = i + 1;
          input.mark = walk;
          stack.push(input);
          next.push(0);
          continue;
        }
      }
      stack.pop();
      next.pop();
      // Several tensors may stand for one variable's value: the graph has one node for it.
      const reading = leaf === "variable" ? (t.alias as Alias).variable.reading() : t;
      if (reading !== t && reading.mark === walk) {
        t.local = reading.local;
        continue;
      }
      reading.mark = walk;
      reading.local = nodes.push(reading) - 1;
      t.local = reading.local;
      leaves.push(leaf);
      hash = mix(hash, primitiveId(reading.primitive));
      for (let d = 0; d < t.shape.length; d++) hash = mix(hash, t.shape[d] as number);
      if (leaf === undefined) for (let k = 0; k < t.inputs.length; k++) hash = mix(hash, (t.inputs[k] as Tensor).local);
      else hash = mix(hash, leaf.length);
      if (structural(leaf)) hash = hashValue(hash, t.attributes);
    }
    hash = mix(hash, root.tensor.local);
  }
  return { nodes, leaves, roots, hash };
};

/** What two graphs must share to use one plan. */
export interface Structure {
  readonly primitives: readonly object[];
  readonly attributes: readonly unknown[];
  readonly shapes: readonly Shape[];
  readonly dtypes: readonly DType[];
  readonly leaves: readonly Leaf[];
  readonly inputs: readonly (readonly number[])[];
  readonly roots: readonly (readonly [node: number, role: number])[];
}

/** -2 for a tensor; for a variable the node that reads it, or -1, and whether it has memory. */
const roleOf = ({ variable }: Root, nodes: readonly Tensor[], leaves: readonly Leaf[]): number => {
  if (variable === undefined) return -2;
  if (variable.storage === undefined) return -3;
  const current = variable.reading();
  return nodes[current.local] === current && leaves[current.local] === "variable" ? current.local : -1;
};

export const structureOf = ({ nodes, leaves, roots }: Collected): Structure => ({
  primitives: nodes.map((t) => t.primitive),
  attributes: nodes.map((t, i) => (structural(leaves[i]) ? t.attributes : undefined)),
  shapes: nodes.map((t) => t.shape),
  dtypes: nodes.map((t) => t.dtype),
  leaves: [...leaves],
  inputs: nodes.map((t, i) => (leaves[i] === undefined ? t.inputs.map((input) => input.local) : [])),
  roots: roots.map((root) => [root.tensor.local, roleOf(root, nodes, leaves)]),
});

export const sameValue = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameValue(a[i], b[i])) return false;
    return true;
  }
  for (const key in a)
    if (!sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  for (const key in b) if (!(key in a)) return false;
  return true;
};

/** Whether a graph has a known structure. */
export const matches = ({ nodes, leaves, roots }: Collected, known: Structure): boolean => {
  if (nodes.length !== known.primitives.length || roots.length !== known.roots.length) return false;
  for (let i = 0; i < nodes.length; i++) {
    const t = nodes[i] as Tensor;
    if (t.primitive !== known.primitives[i] || leaves[i] !== known.leaves[i] || t.dtype !== known.dtypes[i])
      return false;
    if (!sameShape(t.shape, known.shapes[i] as Shape)) return false;
    if (leaves[i] === undefined) {
      const inputs = known.inputs[i] as readonly number[];
      if (inputs.length !== t.inputs.length) return false;
      for (let k = 0; k < inputs.length; k++) if ((t.inputs[k] as Tensor).local !== inputs[k]) return false;
    }
    if (structural(leaves[i]) && t.attributes !== known.attributes[i] && !sameValue(t.attributes, known.attributes[i]))
      return false;
  }
  for (let i = 0; i < roots.length; i++) {
    const [node, role] = known.roots[i] as readonly [number, number];
    const root = roots[i] as Root;
    if (root.tensor.local !== node || roleOf(root, nodes, leaves) !== role) return false;
  }
  return true;
};
