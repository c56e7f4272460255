import { contiguousView, sizeOf } from "@gradloom/backend";
import type { Bindings } from "./bindings.ts";
import type { Frame } from "./frame.ts";
import { toSpace } from "./frame.ts";
import { levelOf } from "./groups.ts";
import type { Group } from "./groupTable.ts";
import { ownPrice } from "./inline.ts";
import type { Move, Network, Reach, Value } from "./network.ts";
import { applyMoves } from "./network.ts";

/** Work per element, in additions, up to which a value is computed again in another kernel instead of being stored for it. */
const affordable = 24;

/** Values so much smaller than the one that is computed again are stored for it without a thought. */
const small = 8;

/** How a value can be computed again from memory. */
interface Recipe {
  readonly price: number;
  /** Stored values and leaves that it reads, with the moves from them to the value. */
  readonly loads: readonly Reach[];
  /** All values on the way, numbers too: where one is padded, its places have to be known. */
  readonly path: readonly Reach[];
  /** Small values that have to be stored for it. */
  readonly extra: readonly number[];
}

/** A use of a value by a member of another group. */
interface Use {
  readonly user: number;
  readonly moves: readonly Move[];
}

/**
 * Takes values out of `stored` that other kernels can cheaply compute again from what memory holds anyway: the factors of an activation's
 * derivative from its argument, a normalised value from its mean and variance (Jain et al., "Checkmate", 2020, in its simplest form).
 */
export const rematerialize = (
  groups: readonly Group[],
  { values, roots }: Network,
  operands: readonly (readonly Reach[])[],
  inlined: readonly boolean[],
  bindings: Bindings,
  stored: Set<number>,
): void => {
  const groupOf = new Map<number, Group>();
  for (const group of groups) for (const id of group.members) groupOf.set(id, group);
  const uses: Use[][] = values.map(() => []);
  operands.forEach((reaches, user) => {
    for (const { base, moves } of reaches) uses[base]?.push({ user, moves });
  });
  const rootSet = new Set(roots);
  const prices = new Map<number, number>();
  const priceOf = (value: Value): number => {
    const known = prices.get(value.id) ?? ownPrice(value);
    prices.set(value.id, known);
    return known;
  };

  const recipeFor = (target: Value): Recipe | undefined => {
    const group = groupOf.get(target.id);
    const loads: Reach[] = [];
    const path: Reach[] = [];
    const extra: number[] = [];
    let price = 0;
    const visit = (value: Value, moves: readonly Move[]): boolean => {
      price += priceOf(value);
      if (price > affordable) return false;
      return value.operands.every((operand) => {
        const { base } = operand;
        const from = values[base] as Value;
        const through = [...operand.moves, ...moves];
        path.push({ base, moves: through });
        if (from.leaf !== undefined || stored.has(base)) {
          if (from.leaf !== "constant" && from.leaf !== "scalar" && from.leaf !== "positions")
            loads.push({ base, moves: through });
          return true;
        }
        if (!inlined[base] && groupOf.get(base) === group && from.size * small <= target.size) {
          extra.push(base);
          loads.push({ base, moves: through });
          return true;
        }
        return from.lower.kind === "map" && visit(from, through);
      });
    };
    return visit(target, []) ? { price, loads, path, extra } : undefined;
  };

  const readable = ({ base, moves }: Reach, use: Use, frame: Frame): boolean => {
    const user = values[use.user] as Value;
    const level = user.lower.kind === "reduce" ? "full" : levelOf(user, frame);
    const view = applyMoves(contiguousView((values[base] as Value).shape), [...moves, ...use.moves]);
    return view !== undefined && toSpace(view, frame, level) !== undefined;
  };

  const worthwhile = (target: Value, recipe: Recipe, users: readonly Use[]): boolean => {
    const large = new Set(
      recipe.loads.map(({ base }) => base).filter((base) => (values[base] as Value).size * small > target.size),
    );
    const kernels = new Set(users.map(({ user }) => groupOf.get(user) as Group));
    for (const kernel of kernels) {
      const reads = new Set(kernel.members.flatMap((id) => (operands[id] as readonly Reach[]).map(({ base }) => base)));
      const fresh = [...large].filter((base) => !reads.has(base)).length;
      if (fresh > (kernels.size === 1 ? 2 : 1)) return false;
      const outputs = kernel.members.filter((id) => stored.has(id));
      const bound = new Set([...reads, ...recipe.loads.map(({ base }) => base), ...outputs]);
      if (bindings.count(bound) > bindings.most) return false;
    }
    return true;
  };

  for (const id of [...stored].sort((a, b) => b - a)) {
    const target = values[id] as Value;
    const group = groupOf.get(id);
    if (rootSet.has(id) || group === undefined || target.lower.kind !== "map" || sizeOf(target.shape) === 0) continue;
    const users = (uses[id] as Use[]).filter(({ user }) => groupOf.get(user) !== group);
    if (users.length === 0 || users.some(({ user }) => (values[user] as Value).lower.kind === "kernel")) continue;
    // What is spread over something larger, such as a number for all elements, is worked out once.
    if (users.some(({ user }) => (values[user] as Value).size >= small * target.size)) continue;
    const recipe = recipeFor(target);
    if (recipe === undefined || !worthwhile(target, recipe, users)) continue;
    // A value without memory of its own still says where it is padded.
    const itself = { base: id, moves: [] };
    const frames = users.map(({ user }) => (groupOf.get(user) as Group).frame);
    const fits = users.every((use, i) =>
      [itself, ...recipe.path].every((load) => readable(load, use, frames[i] as Frame)),
    );
    if (!fits) continue;
    stored.delete(id);
    for (const more of recipe.extra) stored.add(more);
    // Whoever used the value now uses what it is made of.
    for (const { user, moves } of users) {
      for (const load of recipe.loads) uses[load.base]?.push({ user, moves: [...load.moves, ...moves] });
    }
  }
};
