/** A scratch value: its size, and the first and last command that touch it. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Where scratch values lie. In an arena `offsets` are bytes of slot 0; otherwise each slot is a buffer of its own. */
export interface Layout {
  /** Bytes of each slot. */
  readonly slots: readonly number[];
  readonly places: readonly { readonly slot: number; readonly offset: number }[];
}

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

const overlap = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;

/** Packs all values into one buffer: the largest first, each at the lowest place that is free during its whole life. */
export const packArena = (lifetimes: readonly Lifetime[], alignment: number): Layout => {
  const places = lifetimes.map(() => ({ slot: 0, offset: 0 }));
  const order = lifetimes
    .map((_, i) => i)
    .sort((a, b) => (lifetimes[b] as Lifetime).bytes - (lifetimes[a] as Lifetime).bytes);
  const placed: { readonly lifetime: Lifetime; readonly from: number; readonly to: number }[] = [];
  let total = 0;
  for (const i of order) {
    const lifetime = lifetimes[i] as Lifetime;
    const bytes = roundUp(lifetime.bytes, alignment);
    let offset = 0;
    for (const other of placed) {
      if (!overlap(other.lifetime, lifetime)) continue;
      if (other.from - offset >= bytes) break;
      offset = Math.max(offset, other.to);
    }
    places[i] = { slot: 0, offset };
    const entry = { lifetime, from: offset, to: offset + bytes };
    const at = placed.findIndex((other) => other.from > offset);
    if (at < 0) placed.push(entry);
    else placed.splice(at, 0, entry);
    total = Math.max(total, offset + bytes);
  }
  return { slots: lifetimes.length > 0 ? [total] : [], places };
};

/** Gives each value a buffer that is free during its life: the one whose size fits best, grown where that wastes less than a new one. */
export const packBuffers = (lifetimes: readonly Lifetime[], alignment: number): Layout => {
  const places = lifetimes.map(() => ({ slot: 0, offset: 0 }));
  const slots: number[] = [];
  const tenants: Lifetime[][] = [];
  const order = lifetimes
    .map((_, i) => i)
    .sort((a, b) => (lifetimes[b] as Lifetime).bytes - (lifetimes[a] as Lifetime).bytes);
  for (const i of order) {
    const lifetime = lifetimes[i] as Lifetime;
    const bytes = roundUp(lifetime.bytes, alignment);
    let slot = -1;
    for (let s = 0; s < slots.length; s++) {
      const fits =
        (slots[s] as number) >= bytes && (tenants[s] as Lifetime[]).every((other) => !overlap(other, lifetime));
      if (fits && (slot < 0 || (slots[s] as number) < (slots[slot] as number))) slot = s;
    }
    if (slot < 0) {
      slot = slots.push(bytes) - 1;
      tenants.push([]);
    }
    (tenants[slot] as Lifetime[]).push(lifetime);
    places[i] = { slot, offset: 0 };
  }
  return { slots, places };
};
