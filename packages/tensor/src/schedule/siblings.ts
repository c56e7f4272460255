import { sizeOf } from "@gradloom/backend";
import type { Bindings } from "./bindings.ts";
import type { Group, GroupTable } from "./groupTable.ts";
import type { Reach, Value } from "./network.ts";

/** Reductions that mostly read the same large values. */
export class Siblings {
  readonly #table: GroupTable;
  readonly #values: readonly Value[];
  readonly #operands: readonly (readonly Reach[])[];
  readonly #stored: ReadonlySet<number>;
  readonly #bindings: Bindings;
  readonly #loads = new Map<number, ReadonlySet<number>>();
  /** Groups that became part of others. */
  readonly #moved = new Map<number, number>();

  constructor(
    table: GroupTable,
    values: readonly Value[],
    operands: readonly (readonly Reach[])[],
    stored: ReadonlySet<number>,
    bindings: Bindings,
  ) {
    this.#table = table;
    this.#values = values;
    this.#operands = operands;
    this.#stored = stored;
    this.#bindings = bindings;
  }

  /** Makes one group of those that `merge` can put together. */
  join(merge: (a: Group, b: Group) => Group | undefined): void {
    const readers = new Map<number, number[]>();
    for (const [id, group] of this.#table.all) {
      if (group.frame.reduced === undefined) continue;
      const loads = this.#loadsOf(group);
      this.#loads.set(id, loads);
      for (const base of this.#large(loads, group)) {
        const list = readers.get(base);
        if (list === undefined) readers.set(base, [id]);
        else list.push(id);
      }
    }
    for (const ids of readers.values()) {
      for (let i = 1; i < ids.length; i++) {
        for (let j = 0; j < i; j++) {
          const [first, second] = [this.#current(ids[j] as number), this.#current(ids[i] as number)];
          if (first === second) break;
          if (!this.#areClose(first, second)) continue;
          const merged = merge(this.#table.at(first), this.#table.at(second));
          if (merged === undefined) continue;
          this.#table.replace(first, merged, [second]);
          this.#moved.set(second, first);
          this.#loads.set(first, this.#loadsOf(merged));
          break;
        }
      }
    }
  }

  #areClose(first: number, second: number): boolean {
    const [a, b] = [this.#table.at(first), this.#table.at(second)];
    const [readByA, readByB] = [this.#loads.get(first), this.#loads.get(second)] as [Set<number>, Set<number>];
    const [largeA, largeB] = [this.#large(readByA, a), this.#large(readByB, b)];
    const shared = largeA.filter((base) => readByB.has(base)).length;
    if (2 * shared < Math.min(largeA.length, largeB.length)) return false;
    const outputs = [...a.members, ...b.members].filter((id) => this.#stored.has(id));
    return this.#bindings.count(new Set([...readByA, ...readByB, ...outputs])) <= this.#bindings.most;
  }

  /** Those of the values that are about as large as the group's iteration space. */
  #large(ids: ReadonlySet<number>, { frame }: Group): number[] {
    return [...ids].filter((id) => (this.#values[id] as Value).size * 2 > sizeOf(frame.dims));
  }

  /** The values that a group reads from memory, behind those that it computes again. */
  #loadsOf(group: Group): Set<number> {
    const loads = new Set<number>();
    const seen = new Set(group.members);
    const visit = (id: number): void => {
      for (const { base } of this.#operands[id] as readonly Reach[]) {
        if (seen.has(base)) continue;
        seen.add(base);
        if (this.#stored.has(base) || (this.#values[base] as Value).leaf !== undefined) loads.add(base);
        else visit(base);
      }
    };
    for (const id of group.members) visit(id);
    return loads;
  }

  #current(id: number): number {
    let at = id;
    for (let to = this.#moved.get(at); to !== undefined; to = this.#moved.get(at)) at = to;
    return at;
  }
}
