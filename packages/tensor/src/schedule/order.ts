import type { Emitted } from "./emit.ts";
import type { Network, Value } from "./network.ts";

/** Which kernels must run before which. */
export class Dependencies {
  readonly #before: number[][];

  constructor(kernels: readonly Emitted[]) {
    const maker = new Map<number, number>();
    kernels.forEach(({ outputs }, k) => {
      for (const id of outputs) maker.set(id, k);
    });
    this.#before = kernels.map(({ inputs }) => [
      ...new Set(inputs.map((base) => maker.get(base)).filter((k) => k !== undefined)),
    ]);
  }

  /** Makes `later` run after `earlier`. */
  add(earlier: number, later: number): void {
    this.#before[later]?.push(earlier);
  }

  /** Whether `kernel` needs, directly or not, that one of `others` has run. */
  needs(kernel: number, other: number): boolean {
    const seen = new Set([kernel]);
    const stack = [kernel];
    for (let k = stack.pop(); k !== undefined; k = stack.pop()) {
      if (k === other) return true;
      for (const earlier of this.#before[k] as readonly number[]) {
        if (seen.has(earlier)) continue;
        seen.add(earlier);
        stack.push(earlier);
      }
    }
    return false;
  }

  /** The kernels in an order that respects all this; else that of the program, so that values live as briefly as it lets them. */
  order(kernels: readonly Emitted[], { values }: Network): number[] {
    const ranks = kernels.map(({ members }) => Math.min(...members.map((id) => (values[id] as Value).tensor.id)));
    const later: number[][] = kernels.map(() => []);
    const waits = this.#before.map((before) => before.length);
    this.#before.forEach((before, k) => {
      for (const earlier of before) later[earlier]?.push(k);
    });
    const ready = kernels.map((_, k) => k).filter((k) => waits[k] === 0);
    const order: number[] = [];
    while (ready.length > 0) {
      let best = 0;
      for (let i = 1; i < ready.length; i++) {
        if ((ranks[ready[i] as number] as number) < (ranks[ready[best] as number] as number)) best = i;
      }
      const [k] = ready.splice(best, 1) as [number];
      order.push(k);
      for (const to of later[k] as readonly number[]) {
        waits[to] = (waits[to] as number) - 1;
        if (waits[to] === 0) ready.push(to);
      }
    }
    if (order.length < kernels.length) throw new TypeError("kernels wait for each other");
    return order;
  }
}
