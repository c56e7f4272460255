import type { View } from "@gradloom/backend";
import { contiguousView, sizeOf } from "@gradloom/backend";
import type { Bindings } from "./bindings.ts";
import { sameValue } from "./collect.ts";
import type { Frame, Level } from "./frame.ts";
import { frameOf, keptShape, mergeFrames, sameView, toSpace } from "./frame.ts";
import { type Group, GroupTable } from "./groupTable.ts";
import type { Network, Reach, Value } from "./network.ts";
import { applyMoves } from "./network.ts";
import { reorderedStrides, reorderingView } from "./relayout.ts";
import { Siblings } from "./siblings.ts";

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

/** The frame of a value by itself. */
export const ownFrame = (value: Value): Frame =>
  frameOf(
    workShape(value),
    value.lower.kind === "reduce" ? value.lower.axes(value.attributes) : undefined,
    value.lower.kind === "kernel",
  );

/** Whether two values are results of one kernel. */
const areBeside = (a: Value, b: Value): boolean => {
  if (a.lower.kind !== "kernel" || b.lower.kind !== "kernel") return false;
  if (a.lower.beside !== b.primitive && b.lower.beside !== a.primitive) return false;
  return (
    sameValue(a.attributes, b.attributes) &&
    a.operands.every((x, i) => {
      const y = b.operands[i];
      return x.base === y?.base && x.moves.length === y.moves.length && x.moves.every((move, k) => move === y.moves[k]);
    })
  );
};

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
  readonly #maxRow: number;
  readonly #bindings: Bindings;
  readonly #table: GroupTable;

  constructor(network: Network, inlined: readonly boolean[], bindings: Bindings, maxRow: number) {
    const { values, roots } = network;
    this.#values = values;
    this.#maxRow = maxRow;
    this.#bindings = bindings;
    this.#roots = new Set(roots);
    this.operands = values.map((value) => (inlined[value.id] ? [] : effectiveOperands(value, values, inlined)));
    const users: number[][] = values.map(() => []);
    this.operands.forEach((operands, id) => {
      for (const { base } of operands) users[base]?.push(id);
    });
    this.#users = users;
    this.#table = new GroupTable(this.operands, users);
    for (const value of values) if (value.leaf === undefined && !inlined[value.id]) this.#place(value);
  }

  /** The groups, each before those that use it only by chance: order them with `dependencies`. */
  get groups(): Group[] {
    return this.#table.all.map(([, group]) => group);
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
    if (this.#storeReordered(value) || this.#makeBeside(value)) return;
    let group = fresh;
    const absorbed: number[] = [];
    if (value.lower.kind !== "kernel" && value.size > 0 && sizeOf(fresh.frame.dims) > 0) {
      const producers = new Set<number>();
      for (const { base } of this.operands[value.id] as readonly Reach[]) {
        const producer = this.#table.ownerOf(base);
        if (producer !== undefined) producers.add(producer);
      }
      for (const producer of [...producers].sort((a, b) => b - a)) {
        const merged = this.#merge(group, this.#table.at(producer), value);
        if (merged === undefined) continue;
        group = merged;
        absorbed.push(producer);
      }
    }
    this.#table.add(group, absorbed);
  }

  /** Lets the kernel that makes a value store it in the order that a copy wants, where only kernels of their own kind read the copy. */
  #storeReordered(value: Value): boolean {
    const view = reorderingView(value, this.#values);
    const [operand] = this.operands[value.id] as readonly Reach[];
    if (view === undefined || operand?.base !== value.operands[0]?.base) return false;
    const base = operand?.base as number;
    const owner = this.#table.ownerOf(base);
    const users = this.#users[value.id] as readonly number[];
    if (owner === undefined || users.some((user) => this.#values[user]?.lower.kind !== "kernel")) return false;
    const group = this.#table.at(owner);
    if (levelOf(this.#values[base] as Value, group.frame) !== "full") return false;
    const { lower } = this.#values[group.kernel ?? base] as Value;
    const isPlain = lower.kind === "kernel" && !lower.fuses;
    if (isPlain && !lower.strided) return false;
    const frame = isPlain ? ownFrame(this.#values[base] as Value) : group.frame;
    if (reorderedStrides(frame, view) === undefined) return false;
    const reordered = new Map(group.reordered).set(value.id, view as View);
    const extended = { ...group, members: [...group.members, value.id], reordered };
    if (this.#tooManyBuffers(extended, new Set(extended.members))) return false;
    this.#table.replace(owner, extended);
    return true;
  }

  /** Lets a kernel that has the same inputs make another of its results. */
  #makeBeside(value: Value): boolean {
    if (value.lower.kind !== "kernel") return false;
    const readers = this.#users[value.operands[0]?.base as number] ?? [];
    const beside = readers.find((id) => id < value.id && areBeside(value, this.#values[id] as Value));
    const owner = beside === undefined ? undefined : this.#table.ownerOf(beside);
    if (owner === undefined) return false;
    const group = this.#table.at(owner);
    const members = [...group.members, value.id].sort((x, y) => x - y);
    const extended = { ...group, members };
    if (this.#tooManyBuffers(extended, new Set(members))) return false;
    this.#table.replace(owner, extended);
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
    return this.#table.isCyclic(members, inside) ? undefined : group;
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
    const fits = (along ? total / rows : total) <= this.#maxRow;
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
    const bound = new Set<number>();
    for (const id of members) {
      for (const { base } of this.operands[id] as readonly Reach[]) if (!inside.has(base)) bound.add(base);
      if (this.#roots.has(id) || (this.#users[id] as readonly number[]).some((user) => !inside.has(user)))
        bound.add(id);
    }
    return this.#bindings.count(bound) > this.#bindings.most;
  }

  /** Reductions of one frame that mostly read the same large values share one pass over them. `stored`: what lies in memory. */
  joinSiblings(stored: ReadonlySet<number>): void {
    const merge = (a: Group, b: Group): Group | undefined => this.#merge(a, b, undefined);
    new Siblings(this.#table, this.#values, this.operands, stored, this.#bindings).join(merge);
  }
}
