import type { View } from "@gradloom/backend";
import { contiguousView, isContiguous } from "@gradloom/backend";
import type { Bindings } from "./bindings.ts";
import { ExpressionList, priceOf } from "./expressions.ts";
import type { Network, Reach, Value } from "./network.ts";
import { applyMoves } from "./network.ts";

/** Work per element, in additions, that is rather done again than stored. */
const cheap = 6;

/** Work per element that is done again on a value that memory holds anyway, such as the mask of a stored activation. */
const trivial = 2;

/** Work per element that is done again where only numbers and positions are needed for it. */
const cheapWithoutLoads = 40;

interface Use {
  /** The value that reads; -1 for an evaluation's root. */
  readonly user: number;
  readonly reach: Reach;
}

/** What an element of a value costs when it is computed where it is needed. */
interface Cost {
  readonly price: number;
  /** Stored values of full size that it reads. */
  readonly loads: number;
  /** Whether it reads only leaves. */
  readonly fromLeaves: boolean;
  /** Whether it reads only leaves and values that memory holds anyway. */
  readonly fromMemory: boolean;
}

/** The price of a map value's own expression. */
export const ownPrice = (value: Value): number => {
  if (value.lower.kind !== "map") return 0;
  const list = new ExpressionList();
  const inputs = value.operands.map((_, i) => list.load("float32", i));
  try {
    value.lower.expression(list, inputs, value.attributes);
  } catch {
    return cheap + 1;
  }
  return priceOf(list.nodes);
};

/**
 * Decides which map values get no place of their own: they are computed again inside each kernel that needs them. These are cheap ones
 * made of leaves, and those whose single user looks at them in another order (through a transposition, say), as long as no kernel binds
 * more buffers than it may.
 */
export const chooseInlined = ({ values, roots }: Network, bindings: Bindings): boolean[] => {
  const uses: Use[][] = values.map(() => []);
  for (const value of values) for (const reach of value.operands) uses[reach.base]?.push({ user: value.id, reach });
  for (const root of roots) uses[root]?.push({ user: -1, reach: { base: root, moves: [] } });

  // Roots, and what kernels of their own kind read, will lie in memory whatever is decided here.
  const inMemory = values.map(({ id }) =>
    (uses[id] as Use[]).some(({ user }) => user < 0 || values[user]?.lower.kind === "kernel"),
  );
  const inlined = new Array<boolean>(values.length).fill(false);
  const costs: Cost[] = [];
  for (const value of values) {
    const cost = costOf(value, values, inlined, costs, inMemory);
    costs.push(cost);
    if (value.lower.kind !== "map" || value.leaf !== undefined) continue;
    const users = uses[value.id] as Use[];
    if (users.some(({ user }) => user < 0 || values[user]?.lower.kind === "kernel")) continue;
    const light =
      (cost.fromLeaves &&
        (cost.loads === 0 ? cost.price <= cheapWithoutLoads : cost.loads === 1 && cost.price <= cheap)) ||
      (cost.fromMemory && cost.loads === 1 && cost.price <= trivial);
    const single = users.length === 1 && reordered(users[0] as Use, value, values, cost);
    if ((light || single) && users.every((use) => composes(value, use.reach, values, inlined)))
      inlined[value.id] = true;
  }
  keepWithin(bindings, values, inlined);
  return inlined;
};

/** Gives values places of their own again where their user would read more buffers than a kernel binds. */
const keepWithin = (bindings: Bindings, values: readonly Value[], inlined: boolean[]): void => {
  const reads: ReadonlySet<number>[] = [];
  const readsOf = ({ id }: Value): ReadonlySet<number> =>
    inlined[id] ? (reads[id] as ReadonlySet<number>) : new Set([id]);
  for (const { id, operands } of values) {
    const most = bindings.most - bindings.count([id]);
    const sources = [...new Set(operands.map(({ base }) => values[base] as Value))];
    const all = () => new Set(sources.flatMap((source) => [...readsOf(source)]));
    const widest = () => sources.filter(({ id }) => inlined[id]).sort((a, b) => readsOf(b).size - readsOf(a).size)[0];
    let bound = all();
    for (let source = widest(); bindings.count(bound) > most && source !== undefined; source = widest()) {
      inlined[source.id] = false;
      bound = all();
    }
    reads.push(bound);
  }
};

const costOf = (
  value: Value,
  values: readonly Value[],
  inlined: readonly boolean[],
  costs: readonly Cost[],
  inMemory: readonly boolean[],
): Cost => {
  if (value.leaf !== undefined) return { price: 0, loads: 0, fromLeaves: true, fromMemory: true };
  let price = ownPrice(value);
  let loads = 0;
  let fromLeaves = true;
  let fromMemory = true;
  for (const { base } of value.operands) {
    const operand = values[base] as Value;
    const cost = costs[base] as Cost;
    if (inlined[base]) {
      price += cost.price;
      loads += cost.loads;
      fromLeaves &&= cost.fromLeaves;
      fromMemory &&= cost.fromMemory;
    } else if (operand.leaf === undefined) {
      fromLeaves = false;
      fromMemory &&= inMemory[base] as boolean;
      loads++;
    } else if (operand.leaf !== "constant" && operand.leaf !== "scalar" && operand.leaf !== "positions") {
      if (operand.size * 4 > value.size) loads++;
    }
  }
  return { price, loads, fromLeaves, fromMemory };
};

/** Whether a single user reads the value in another order, without repeating expensive work. */
const reordered = ({ user, reach }: Use, value: Value, values: readonly Value[], cost: Cost): boolean => {
  const seen = applyMoves(contiguousView(value.shape), reach.moves) as View;
  if (isContiguous(seen) && seen.shape.reduce((n, m) => n * m, 1) === value.size) return false;
  const reads = seen.shape.reduce((n, m) => n * m, 1);
  return (reads <= value.size || cost.price <= cheap) && (values[user] as Value).lower.kind !== "kernel";
};

/** Whether everything that an inlined value reads can be seen through the moves on the value. */
const composes = (value: Value, reach: Reach, values: readonly Value[], inlined: readonly boolean[]): boolean => {
  const ones = { shape: value.shape, strides: value.shape.map(() => 0), offset: 1, valid: undefined };
  if (applyMoves(ones, reach.moves) === undefined) return false;
  return value.operands.every((operand) => {
    const base = values[operand.base] as Value;
    const through = { base: operand.base, moves: [...operand.moves, ...reach.moves] };
    return inlined[operand.base]
      ? composes(base, through, values, inlined)
      : applyMoves(contiguousView(base.shape), through.moves) !== undefined;
  });
};
