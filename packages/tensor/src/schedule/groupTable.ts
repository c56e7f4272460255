import type { View } from "@gradloom/backend";
import type { Frame } from "./frame.ts";
import type { Reach } from "./network.ts";

/** The values that one kernel computes. */
export interface Group {
  readonly members: readonly number[];
  readonly frame: Frame;
  /** The member that needs a kernel of its own kind: a matmul, a convolution, ... */
  readonly kernel: number | undefined;
  /** Members that are another member stored in another order of dimensions, and how they look at it. */
  readonly reordered: ReadonlyMap<number, View>;
}

/** The groups by number, which one computes each value, and which wait for which. */
export class GroupTable {
  readonly #operands: readonly (readonly Reach[])[];
  readonly #users: readonly (readonly number[])[];
  readonly #groups: (Group | undefined)[] = [];
  readonly #ownerOf: (number | undefined)[] = [];
  /** The latest value of each group and of all that it waits for. */
  readonly #latest: number[] = [];

  /** What each value reads, and which values read it. */
  constructor(operands: readonly (readonly Reach[])[], users: readonly (readonly number[])[]) {
    this.#operands = operands;
    this.#users = users;
  }

  /** The number of the group that computes a value; undefined for leaves and values without a group yet. */
  ownerOf(value: number): number | undefined {
    return this.#ownerOf[value];
  }

  at(id: number): Group {
    return this.#groups[id] as Group;
  }

  /** In no order that matters. */
  get all(): [id: number, group: Group][] {
    return this.#groups.flatMap((group, id) => (group === undefined ? [] : [[id, group]]));
  }

  /** Adds a group that takes over the members of others. */
  add(group: Group, absorbed: readonly number[]): void {
    this.replace(this.#groups.length, group, absorbed);
  }

  /** Puts a group in the place of one and of others whose members it takes over. */
  replace(id: number, group: Group, absorbed: readonly number[] = []): void {
    const latest = [id, ...absorbed].map((old) => this.#latest[old] ?? -1);
    for (const old of absorbed) this.#groups[old] = undefined;
    this.#groups[id] = group;
    for (const member of group.members) this.#ownerOf[member] = id;
    this.#latest[id] = -1;
    this.#raise(id, Math.max(...latest, group.members[group.members.length - 1] as number));
  }

  /** Lets those that wait for a group know how late it is. */
  #raise(id: number, latest: number): void {
    const stack = [id];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if ((this.#latest[next] as number) >= latest) continue;
      this.#latest[next] = latest;
      for (const member of this.at(next).members) {
        for (const user of this.#users[member] as readonly number[]) {
          const owner = this.#ownerOf[user];
          if (owner !== undefined && owner !== next) stack.push(owner);
        }
      }
    }
  }

  /** Whether something outside a group of these members, in ascending order, would both need it and be needed by it. */
  isCyclic(members: readonly number[], inside: ReadonlySet<number>): boolean {
    const lowest = members[0] as number;
    const seen = new Set<number>();
    const stack: number[] = [];
    /** Whether the operands of values outside the group lie in it; those that do not are looked at later. */
    const reach = (ids: readonly number[], fromInside: boolean): boolean => {
      for (const id of ids) {
        for (const { base } of this.#operands[id] as readonly Reach[]) {
          if (inside.has(base)) {
            if (!fromInside) return true;
          } else if (!seen.has(base)) {
            seen.add(base);
            stack.push(base);
          }
        }
      }
      return false;
    };
    reach(members, true);
    const visited = new Set<number>();
    for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
      const owner = this.#ownerOf[id];
      if (owner === undefined || visited.has(owner)) continue;
      visited.add(owner);
      if ((this.#latest[owner] as number) >= lowest && reach(this.at(owner).members, false)) return true;
    }
    return false;
  }
}
