import type { Emitted } from "./emit.ts";
import type { Network, Value } from "./network.ts";

/** The order in which kernels run: after those whose outputs they read, else in the order of the program. `after` adds pairs [earlier, later]. */
export const orderOf = (
  kernels: readonly Emitted[],
  { values }: Network,
  after: readonly (readonly [number, number])[],
): number[] => {
  const maker = new Map<number, number>();
  kernels.forEach(({ outputs }, k) => {
    for (const id of outputs) maker.set(id, k);
  });
  const later: number[][] = kernels.map(() => []);
  const waits = kernels.map(() => 0);
  const link = (from: number, to: number): void => {
    if (from === to) return;
    later[from]?.push(to);
    waits[to] = (waits[to] as number) + 1;
  };
  kernels.forEach(({ inputs }, k) => {
    for (const base of new Set(inputs)) {
      const from = maker.get(base);
      if (from !== undefined) link(from, k);
    }
  });
  for (const [from, to] of after) link(from, to);
  // The order of the program: what was written first runs first, so that values live as briefly as the program lets them.
  const ranks = kernels.map(({ members }) => Math.min(...members.map((id) => (values[id] as Value).tensor.id)));
  const rank = (k: number): number => ranks[k] as number;
  const ready = kernels.map((_, k) => k).filter((k) => waits[k] === 0);
  const order: number[] = [];
  while (ready.length > 0) {
    let best = 0;
    for (let i = 1; i < ready.length; i++) if (rank(ready[i] as number) < rank(ready[best] as number)) best = i;
    const [k] = ready.splice(best, 1) as [number];
    order.push(k);
    for (const to of later[k] as readonly number[]) {
      waits[to] = (waits[to] as number) - 1;
      if (waits[to] === 0) ready.push(to);
    }
  }
  return order;
};

/** Whether kernel `to` needs, directly or not, what kernel `from` makes. */
export const dependsOn = (
  kernels: readonly Emitted[],
  after: readonly (readonly [number, number])[],
  to: number,
  from: number,
): boolean => {
  const maker = new Map<number, number>();
  kernels.forEach(({ outputs }, k) => {
    for (const id of outputs) maker.set(id, k);
  });
  const seen = new Set([to]);
  const stack = [to];
  while (stack.length > 0) {
    const k = stack.pop() as number;
    if (k === from) return true;
    const before = (kernels[k] as Emitted).inputs.map((base) => maker.get(base));
    for (const [earlier, later] of after) if (later === k) before.push(earlier);
    for (const earlier of before) {
      if (earlier !== undefined && !seen.has(earlier)) {
        seen.add(earlier);
        stack.push(earlier);
      }
    }
  }
  return false;
};
