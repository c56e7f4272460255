import type { BackendTraits, View } from "@gradloom/backend";
import { contiguousView, sizeOf } from "@gradloom/backend";
import type { Frame, Level } from "./frame.ts";
import { frameOf, keptShape, mergeFrames, sameView, toSpace } from "./frame.ts";
import type { Network, Reach, Value } from "./network.ts";
import { applyMoves } from "./network.ts";
import { reorderedStrides, reorderingView } from "./relayout.ts";

/** The values that one kernel computes. */
export interface Group {
  readonly members: readonly number[];
  readonly frame: Frame;
  /** The member that needs a kernel of its own kind: a matmul, a convolution, ... */
  readonly kernel: number | undefined;
  /** Members that are another member stored in another order of dimensions, and how they look at it. */
  readonly reordered: ReadonlyMap<number, View>;
}

/** Rows as few as this are not worth a kernel that walks each row several times, unless everything is small. */
const fewRows = 8;
const smallKernel = 32768;

/** The operands of a value with inlined ones replaced by what they read. */
export const effectiveOperands = (value: Value, values: readonly Value[], inlined: readonly boolean[]): Reach[] => {
  const result: Reach[] = [];
  const visit = ({ base, moves }: Reach): void => {
    if (!inlined[base]) result.push({ base, moves });
    else
      for (const operand of (values[base] as Value).operands)
        visit({ base: operand.base, moves: [...operand.moves, ...moves] });
  };
  for (const operand of value.operands) visit(operand);
  return result;
};

/** The size at which a value is worked out: a reduction's is that of what it folds. */
const workShape = (value: Value): readonly number[] =>
  value.lower.kind === "reduce" ? inputShape(value) : value.shape;

/** The shape that a reduction folds. */
export const inputShape = (value: Value): readonly number[] =>
  (value.tensor.inputs[0] as { shape: readonly number[] }).shape;

const ownFrame = (value: Value): Frame =>
  frameOf(
    workShape(value),
    value.lower.kind === "reduce" ? value.lower.axes(value.attributes) : undefined,
    value.lower.kind === "kernel",
  );

/** How a member's result relates to its frame. */
export const levelOf = (value: Value, frame: Frame): Level => {
  if (value.lower.kind === "reduce") return "kept";
  return frame.reduced !== undefined && value.size !== sizeOf(frame.dims) ? "kept" : "full";
};

/** Puts values into as few kernels as the frames, the backend's limits and the order of work allow. */
export class Grouping {
  readonly #values: readonly Value[];
  /** What each value reads, inlined values replaced by what they read. */
  readonly operands: readonly (readonly Reach[])[];
  readonly #users: readonly (readonly number[])[];
  readonly #roots: ReadonlySet<number>;
  readonly #traits: BackendTraits;
  readonly #groupOf: (number | undefined)[];
  readonly #groups: (Group | undefined)[] = [];

  constructor(network: Network, inlined: readonly boolean[], traits: BackendTraits) {
    const { values, roots } = network;
    this.#values = values;
    this.#traits = traits;
    this.#roots = new Set(roots);
    this.operands = values.map((value) => (inlined[value.id] ? [] : effectiveOperands(value, values, inlined)));
    const users: number[][] = values.map(() => []);
    this.operands.forEach((operands, id) => {
      for (const { base } of operands) users[base]?.push(id);
    });
    this.#users = users;
    this.#groupOf = values.map(() => undefined);
    for (const value of values) if (value.leaf === undefined && !inlined[value.id]) this.#place(value);
  }

  /** The groups, each before those that use it only by chance: order them with `dependencies`. */
  get groups(): Group[] {
    return this.#groups.filter((group) => group !== undefined);
  }

  /** Values computed by other groups, or leaves, that a group reads. */
  external(group: Group): Set<number> {
    const inside = new Set(group.members);
    const result = new Set<number>();
    for (const id of group.members) {
      for (const { base } of this.operands[id] as readonly Reach[]) if (!inside.has(base)) result.add(base);
    }
    return result;
  }

  #place(value: Value): void {
    const fresh: Group = {
      members: [value.id],
      frame: ownFrame(value),
      kernel: value.lower.kind === "kernel" ? value.id : undefined,
      reordered: new Map(),
    };
    if (this.#storeReordered(value)) return;
    let group = fresh;
    const absorbed: number[] = [];
    if (value.lower.kind !== "kernel" && value.size > 0 && sizeOf(fresh.frame.dims) > 0) {
      const producers = new Set<number>();
      for (const { base } of this.operands[value.id] as readonly Reach[]) {
        const producer = this.#groupOf[base];
        if (producer !== undefined) producers.add(producer);
      }
      for (const producer of [...producers].sort((a, b) => b - a)) {
        const merged = this.#merge(group, this.#groups[producer] as Group, value);
        if (merged === undefined) continue;
        group = merged;
        absorbed.push(producer);
      }
    }
    for (const id of absorbed) this.#groups[id] = undefined;
    const id = this.#groups.push(group) - 1;
    for (const member of group.members) this.#groupOf[member] = id;
  }

  /** Lets the kernel that makes a value store it in the order that a copy wants, where only kernels of their own kind read the copy. */
  #storeReordered(value: Value): boolean {
    const view = reorderingView(value, this.#values);
    const [operand] = this.operands[value.id] as readonly Reach[];
    if (view === undefined || operand?.base !== value.operands[0]?.base) return false;
    const base = operand?.base as number;
    const owner = this.#groupOf[base];
    const users = this.#users[value.id] as readonly number[];
    if (owner === undefined || users.some((user) => this.#values[user]?.lower.kind !== "kernel")) return false;
    const group = this.#groups[owner] as Group;
    if (levelOf(this.#values[base] as Value, group.frame) !== "full") return false;
    if (group.kernel !== undefined) {
      const { lower } = this.#values[group.kernel] as Value;
      if (lower.kind !== "kernel" || !lower.fuses) return false;
    }
    if (reorderedStrides(group.frame, view) === undefined) return false;
    const reordered = new Map(group.reordered).set(value.id, view as View);
    const extended = { ...group, members: [...group.members, value.id], reordered };
    if (this.#tooManyBuffers(extended, new Set(extended.members))) return false;
    this.#groups[owner] = extended;
    this.#groupOf[value.id] = owner;
    return true;
  }

  /** One group of both, with `value` as the newest member, where they can share a kernel. */
  #merge(a: Group, b: Group, value: Value | undefined): Group | undefined {
    if (a.kernel !== undefined && b.kernel !== undefined) return undefined;
    const kernel = a.kernel ?? b.kernel;
    if (kernel !== undefined) {
      const { lower } = this.#values[kernel] as Value;
      if (lower.kind !== "kernel" || !lower.fuses) return undefined;
    }
    const frame = this.#sharedFrame(a, b, value);
    if (frame === undefined) return undefined;
    const members = [...a.members, ...b.members].sort((x, y) => x - y);
    const group: Group = { members, frame, kernel, reordered: new Map([...a.reordered, ...b.reordered]) };
    const inside = new Set(members);
    if (!members.every((id) => this.#reachable(id, group, inside))) return undefined;
    if (frame.reduced !== undefined && !this.#rowsFit(group, inside)) return undefined;
    if (this.#tooManyBuffers(group, inside)) return undefined;
    return this.#cyclic(group, inside) ? undefined : group;
  }

  #sharedFrame(a: Group, b: Group, value: Value | undefined): Frame | undefined {
    const merged = mergeFrames(a.frame, b.frame);
    if (merged !== undefined) return merged;
    // A map over the kept dimensions follows a reduction without stretching the frame.
    const alone =
      value !== undefined && a.members.length === 1 && a.members[0] === value.id && value.lower.kind === "map";
    return alone && b.frame.reduced !== undefined && value.size === sizeOf(keptShape(b.frame)) ? b.frame : undefined;
  }

  /** Whether a member's operands can be had at the positions of the frame: registers of other members, or views of memory. */
  #reachable(id: number, { frame, kernel, reordered }: Group, inside: ReadonlySet<number>): boolean {
    const view = reordered.get(id);
    if (view !== undefined) return reorderedStrides(frame, view) !== undefined;
    const value = this.#values[id] as Value;
    const operands = this.operands[id] as readonly Reach[];
    if (id === kernel) return operands.every(({ base }) => !inside.has(base));
    const level = value.lower.kind === "reduce" ? "full" : levelOf(value, frame);
    return operands.every(({ base, moves }) => {
      const operand = this.#values[base] as Value;
      const contiguous = contiguousView(operand.shape);
      const seen = applyMoves(contiguous, moves);
      const here = seen && toSpace(seen, frame, level);
      if (here === undefined) return false;
      if (!inside.has(base)) return true;
      if (reordered.has(base)) return false;
      const made = toSpace(contiguous, frame, levelOf(operand, frame));
      return made !== undefined && sameView(made, here);
    });
  }

  /** Whether the group is a plain reduction, or one whose rows are worth several walks. */
  #rowsFit({ members, frame }: Group, inside: ReadonlySet<number>): boolean {
    const total = sizeOf(frame.dims);
    const rows = sizeOf(keptShape(frame));
    // Rows that lie across memory are walked well only while all of them stay in a cache.
    const along = frame.reduced?.[frame.dims.length - 1] === true;
    const fits = (along ? total / rows : total) <= this.#traits.maxRow;
    if (fits && (rows >= fewRows || total <= smallKernel)) return true;
    const afterReduction = new Set<number>();
    for (const id of members) {
      const value = this.#values[id] as Value;
      const after = (this.operands[id] as readonly Reach[]).some(({ base }) => afterReduction.has(base));
      if (value.lower.kind === "reduce") {
        if (after) return false;
        afterReduction.add(id);
        continue;
      }
      if (after) afterReduction.add(id);
      const full = levelOf(value, frame) === "full";
      const leaves = this.#roots.has(id) || (this.#users[id] as readonly number[]).some((user) => !inside.has(user));
      if (full && (after || leaves)) return false;
    }
    return true;
  }

  #tooManyBuffers({ members }: Group, inside: ReadonlySet<number>): boolean {
    const buffers = new Set<number>();
    let outputs = 0;
    for (const id of members) {
      for (const { base } of this.operands[id] as readonly Reach[]) {
        const { leaf } = this.#values[base] as Value;
        if (!inside.has(base) && leaf !== "constant" && leaf !== "scalar" && leaf !== "positions") buffers.add(base);
      }
      if (this.#roots.has(id) || (this.#users[id] as readonly number[]).some((user) => !inside.has(user))) outputs++;
    }
    return buffers.size + outputs > this.#traits.maxBuffers;
  }

  /** Whether something outside the group would both need it and be needed by it. */
  #cyclic({ members }: Group, inside: ReadonlySet<number>): boolean {
    const lowest = members[0] as number;
    const seen = new Set<number>();
    const stack: number[] = [];
    const push = (ids: readonly number[]): void => {
      for (const id of ids) {
        for (const { base } of this.operands[id] as readonly Reach[]) {
          if (!seen.has(base) && !inside.has(base)) {
            seen.add(base);
            stack.push(base);
          }
        }
      }
    };
    push(members);
    const visited = new Set<number>();
    while (stack.length > 0) {
      const id = stack.pop() as number;
      const owner = this.#groupOf[id];
      if (owner === undefined || visited.has(owner)) continue;
      visited.add(owner);
      const group = this.#groups[owner] as Group;
      if ((group.members[group.members.length - 1] as number) < lowest) continue;
      for (const member of group.members) {
        for (const { base } of this.operands[member] as readonly Reach[]) {
          if (inside.has(base)) return true;
          if (!seen.has(base)) {
            seen.add(base);
            stack.push(base);
          }
        }
      }
    }
    return false;
  }

  /**
   * Reductions of one frame that mostly read the same large values share one pass over them. `stored`: what lies in memory.
   */
  joinSiblings(stored: ReadonlySet<number>): void {
    const loads = new Map<number, Set<number>>();
    const readers = new Map<number, number[]>();
    this.#groups.forEach((group, id) => {
      if (group?.frame.reduced === undefined) return;
      const all = this.#loads(group, stored);
      loads.set(id, all);
      for (const base of this.#large(all, group)) {
        const list = readers.get(base);
        if (list === undefined) readers.set(base, [id]);
        else list.push(id);
      }
    });
    for (const ids of readers.values()) {
      for (let i = 1; i < ids.length; i++) {
        for (let j = 0; j < i; j++) {
          const [first, second] = [this.#groupOfId(ids[j] as number), this.#groupOfId(ids[i] as number)];
          if (first === second) break;
          const merged = this.#mergeReaders(first, second, loads, stored);
          if (merged === undefined) continue;
          this.#groups[first] = merged;
          this.#groups[second] = undefined;
          this.#moved.set(second, first);
          loads.set(first, this.#loads(merged, stored));
          for (const member of merged.members) this.#groupOf[member] = first;
          break;
        }
      }
    }
  }

  #mergeReaders(
    first: number,
    second: number,
    loads: Map<number, Set<number>>,
    stored: ReadonlySet<number>,
  ): Group | undefined {
    const [a, b] = [this.#groups[first] as Group, this.#groups[second] as Group];
    const [readByA, readByB] = [loads.get(first) as Set<number>, loads.get(second) as Set<number>];
    const [largeA, largeB] = [this.#large(readByA, a), this.#large(readByB, b)];
    const shared = largeA.filter((base) => readByB.has(base)).length;
    if (2 * shared < Math.min(largeA.length, largeB.length)) return undefined;
    const outputs = [...a.members, ...b.members].filter((id) => stored.has(id)).length;
    if (new Set([...readByA, ...readByB]).size + outputs > this.#traits.maxBuffers) return undefined;
    return this.#merge(a, b, undefined);
  }

  /** Those of the values that are about as large as the group's iteration space. */
  #large(ids: ReadonlySet<number>, { frame }: Group): number[] {
    return [...ids].filter((id) => (this.#values[id] as Value).size * 2 > sizeOf(frame.dims));
  }

  /** The values that a group reads from memory, behind those that it computes again. */
  #loads(group: Group, stored: ReadonlySet<number>): Set<number> {
    const loads = new Set<number>();
    const seen = new Set(group.members);
    const visit = (id: number): void => {
      for (const { base } of this.operands[id] as readonly Reach[]) {
        if (seen.has(base)) continue;
        seen.add(base);
        if (stored.has(base) || (this.#values[base] as Value).leaf !== undefined) loads.add(base);
        else visit(base);
      }
    };
    for (const id of group.members) visit(id);
    return loads;
  }

  readonly #moved = new Map<number, number>();

  #groupOfId(id: number): number {
    let at = id;
    for (let to = this.#moved.get(at); to !== undefined; to = this.#moved.get(at)) at = to;
    return at;
  }
}
