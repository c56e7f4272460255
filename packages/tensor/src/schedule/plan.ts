import type { Backend, Binding, DeviceBuffer, Kernel, KernelInput, KernelOutput } from "@gradloom/backend";
import type { Device } from "../device.ts";
import type { Tensor } from "../tensor.ts";
import { Bindings } from "./bindings.ts";
import type { Collected, Root, Structure } from "./collect.ts";
import { structureOf } from "./collect.ts";
import type { Emitted } from "./emit.ts";
import { emit } from "./emit.ts";
import { Grouping } from "./groups.ts";
import { chooseInlined } from "./inline.ts";
import type { Layout, Lifetime } from "./memory.ts";
import { packArena, packBuffers } from "./memory.ts";
import type { Network, Value } from "./network.ts";
import { buildNetwork, bytesOf } from "./network.ts";
import { Dependencies } from "./order.ts";
import { rematerialize } from "./rematerialize.ts";

interface PlannedCommand {
  program: ReturnType<Backend["prepare"]>;
  readonly buffers: Binding[];
  readonly scalars: number[];
}

/** The kernels of one graph structure in order, with everything decided but the addresses and the numbers. */
export interface Plan {
  readonly structure: Structure;
  readonly emitted: readonly Emitted[];
  readonly network: Network;
  readonly commands: readonly PlannedCommand[];
  /** Collected nodes whose memory is bound, and their bindings. */
  readonly bound: readonly (readonly [local: number, binding: Binding])[];
  /** Collected host values that are uploaded, and their places. */
  readonly uploads: readonly (readonly [local: number, binding: Binding])[];
  /** Scalar arguments: command, slot, collected node. */
  readonly scalars: readonly (readonly [command: number, slot: number, local: number])[];
  readonly scratch: Layout;
  readonly scratchBindings: readonly (readonly [slot: number, binding: Binding])[];
  /** Per root: its binding, and whether it overwrites its variable's memory. */
  readonly roots: readonly { readonly binding: Binding; readonly bytes: number; readonly inPlace: boolean }[];
}

const nowhere: DeviceBuffer = { bytes: 0 };

/** Decides everything about an evaluation that does not depend on values. */
export const makePlan = (collected: Collected, backend: Backend): Plan => {
  const network = buildNetwork(collected);
  const kernels = emitAll(network, backend);
  const structure = structureOf(collected);
  const dependencies = new Dependencies(kernels);
  const inPlace = overwrite(kernels, network, structure, dependencies);
  const order = dependencies
    .order(kernels, network)
    .filter((k) => (kernels[k] as Emitted).outputs.some((id) => sizeAt(network, id) > 0));
  return assemble(
    order.map((k) => kernels[k] as Emitted),
    network,
    structure,
    inPlace,
    backend,
  );
};

const sizeAt = (network: Network, id: number): number => (network.values[id] as Value).size;

const emitAll = (network: Network, backend: Backend): Emitted[] => {
  const bindings = new Bindings(network.values, backend.traits);
  const inlined = chooseInlined(network, bindings);
  const grouping = new Grouping(network, inlined, bindings, backend.traits.maxRow);
  const stored = new Set(network.roots);
  for (const group of grouping.groups) for (const base of grouping.external(group)) stored.add(base);
  rematerialize(grouping.groups, network, grouping.operands, inlined, bindings, stored);
  grouping.joinSiblings(stored);
  return grouping.groups.map((group) => emit(group, network, stored));
};

/** Which roots may overwrite their variable's memory; kernels that read it are made to run before. */
const overwrite = (
  kernels: Emitted[],
  network: Network,
  { roots }: Structure,
  dependencies: Dependencies,
): boolean[] => {
  const leaves = new Map<number, number>();
  for (const { id, leaf, local } of network.values) if (leaf === "variable") leaves.set(local, id);
  const readers = new Map<number, number[]>();
  const makers = new Map<number, number>();
  kernels.forEach(({ inputs, outputs }, k) => {
    for (const id of outputs) makers.set(id, k);
    for (const id of new Set(inputs)) {
      const list = readers.get(id);
      if (list === undefined) readers.set(id, [k]);
      else list.push(k);
    }
  });
  return roots.map(([, role], i) => {
    if (role < -1) return false;
    if (role === -1) return true;
    const id = network.roots[i] as number;
    const leaf = leaves.get(role);
    const k = makers.get(id) as number;
    const emitted = kernels[k] as Emitted;
    const over = overInput(emitted, id, leaf);
    if (over === "conflict") return false;
    const others = leaf === undefined ? [] : (readers.get(leaf) ?? []).filter((r) => r !== k);
    if (others.some((r) => dependencies.needs(r, k))) return false;
    for (const r of others) dependencies.add(r, k);
    if (over !== "unread") kernels[k] = withOver(emitted, emitted.outputs.indexOf(id), over);
    return true;
  });
};

/** The input through which a kernel reads what output `id` is to overwrite, if it does so element by element. */
const overInput = (
  { kernel, inputs, outputs }: Emitted,
  id: number,
  leaf: number | undefined,
): number | "unread" | "conflict" => {
  const reads = inputs.map((_, i) => i).filter((i) => inputs[i] === leaf);
  if (reads.length === 0) return "unread";
  if (reads.length > 1 || !("nodes" in kernel)) return "conflict";
  const [read] = reads as [number];
  const isOperand = !kernel.nodes.some((node) => node.op === "load" && node.input === read);
  const output = kernel.outputs[outputs.indexOf(id)] as KernelOutput;
  const { view } = kernel.inputs[read] as KernelInput;
  if (isOperand || view.offset !== 0 || view.valid !== undefined) return "conflict";
  const same = view.strides.every((stride, d) => kernel.shape[d] === 1 || stride === (output.strides[d] ?? 0));
  return same ? read : "conflict";
};

const withOver = (emitted: Emitted, output: number, over: number): Emitted => {
  const outputs = emitted.kernel.outputs.map((entry, i) => (i === output ? { ...entry, over } : entry));
  return { ...emitted, kernel: { ...emitted.kernel, outputs } as Kernel };
};

const assemble = (
  emitted: readonly Emitted[],
  network: Network,
  structure: Structure,
  inPlace: readonly boolean[],
  backend: Backend,
): Plan => {
  const { values } = network;
  const rootOf = new Map(network.roots.map((id, i) => [id, i]));
  const roots = network.roots.map((id, i) => ({
    binding: { buffer: nowhere, byteOffset: 0 },
    bytes: bytesOf(values[id] as Value),
    inPlace: inPlace[i] as boolean,
  }));

  // Scratch: what kernels hand to each other, and host values on their way in.
  const lives = new Map<number, { first: number; last: number }>();
  const touch = (id: number, at: number): void => {
    const value = values[id] as Value;
    if (rootOf.has(id) || (value.leaf !== undefined && value.leaf !== "host")) return;
    const life = lives.get(id);
    if (life === undefined) lives.set(id, { first: value.leaf === "host" ? -1 : at, last: at });
    else life.last = at;
  };
  emitted.forEach(({ inputs, outputs }, at) => {
    for (const id of outputs) touch(id, at);
    for (const id of inputs) touch(id, at);
  });
  const ids = [...lives.keys()];
  const lifetimes = ids.map(
    (id): Lifetime => ({ bytes: bytesOf(values[id] as Value), ...(lives.get(id) as { first: number; last: number }) }),
  );
  const pack = backend.traits.scratch === "arena" ? packArena : packBuffers;
  const scratch = pack(lifetimes, backend.traits.alignment);
  const bindings = new Map<number, Binding>();
  const scratchBindings = ids.map((id, i) => {
    const place = scratch.places[i] as { slot: number; offset: number };
    const binding: Binding = { buffer: nowhere, byteOffset: place.offset };
    bindings.set(id, binding);
    return [place.slot, binding] as const;
  });
  const uploads = ids
    .filter((id) => (values[id] as Value).leaf === "host")
    .map((id) => [(values[id] as Value).local, bindings.get(id) as Binding] as const);

  const bound: (readonly [number, Binding])[] = [];
  const bindingOf = (id: number): Binding => {
    const root = rootOf.get(id);
    if (root !== undefined) return (roots[root] as { binding: Binding }).binding;
    let binding = bindings.get(id);
    if (binding === undefined) {
      binding = { buffer: nowhere, byteOffset: 0 };
      bindings.set(id, binding);
      bound.push([(values[id] as Value).local, binding]);
    }
    return binding;
  };
  const scalars: (readonly [number, number, number])[] = [];
  const commands = emitted.map((entry, at): PlannedCommand => {
    entry.scalars.forEach((id, slot) => {
      scalars.push([at, slot, (values[id] as Value).local]);
    });
    return {
      program: backend.prepare(entry.kernel),
      buffers: [...entry.inputs, ...entry.outputs].map(bindingOf),
      scalars: entry.scalars.map(() => 0),
    };
  });
  return { structure, emitted, network, commands, bound, uploads, scalars, scratch, scratchBindings, roots };
};

/** Runs a plan on the nodes of a graph of its structure. Returns the memory of each root. */
export const runPlan = (
  plan: Plan,
  nodes: readonly Tensor[],
  roots: readonly Root[],
  { backend, profiler }: Device,
): DeviceBuffer[] => {
  const taken: DeviceBuffer[] = [];
  const scratch: DeviceBuffer[] = [];
  try {
    const memory = plan.roots.map(({ bytes, inPlace, binding }, i) => {
      const own = (roots[i] as Root).variable?.storage?.buffer;
      const buffer = inPlace && own !== undefined ? own : backend.allocate(bytes);
      if (buffer !== own) taken.push(buffer);
      binding.buffer = buffer;
      return buffer;
    });
    for (const bytes of plan.scratch.slots) scratch.push(backend.allocate(bytes));
    for (const [slot, binding] of plan.scratchBindings) binding.buffer = scratch[slot] ?? nowhere;
    for (const [local, binding] of plan.bound) binding.buffer = memoryOf(nodes[local] as Tensor);
    for (const [local, binding] of plan.uploads) {
      const { host, size } = nodes[local] as Tensor;
      if (size > 0) backend.upload(binding, host as ArrayBufferView);
    }
    for (const [command, slot, local] of plan.scalars) {
      const { value } = (nodes[local] as Tensor).attributes as { value: number };
      ((plan.commands[command] as PlannedCommand).scalars as number[])[slot] = value;
    }
    if (profiler === undefined) backend.run(plan.commands);
    else profiler(plan);
    return memory;
  } catch (error) {
    for (const buffer of taken) backend.free(buffer);
    throw error;
  } finally {
    for (const buffer of scratch) backend.free(buffer);
  }
};

const memoryOf = (t: Tensor): DeviceBuffer => {
  const buffer = (t.storage ?? t.alias?.variable.storage)?.buffer;
  if (buffer === undefined) throw new TypeError(`${t.toString()} has no memory`);
  return buffer;
};
