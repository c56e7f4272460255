import { ArgumentError } from "@gradloom/backend";
import { random, shuffled } from "./random.ts";

/** Says which examples an epoch takes, and in which order. */
export interface Sampler {
  /** Examples per epoch. */
  readonly length: number;
  order(epoch: number): ArrayLike<number>;
}

/** A number of examples, or what has one. */
export type Counted = number | { readonly length: number };

const countOf = (op: string, counted: Counted): number => {
  const n = typeof counted === "number" ? counted : counted.length;
  if (!Number.isSafeInteger(n) || n < 0) throw new ArgumentError(op, `a count is a whole number >= 0, got ${n}`);
  return n;
};

/** All examples in their own order. */
export const sequentialSampler = (counted: Counted): Sampler => {
  const length = countOf("sequentialSampler", counted);
  const order = Uint32Array.from({ length }, (_, i) => i);
  return { length, order: () => order };
};

/** All examples in random order, another one each epoch; or `count` examples drawn with replacement. */
export const randomSampler = (
  counted: Counted,
  { seed = 0, replacement = false, count }: { seed?: number; replacement?: boolean; count?: number } = {},
): Sampler => {
  const n = countOf("randomSampler", counted);
  const length = countOf("randomSampler", count ?? n);
  if (!replacement && length > n) {
    throw new ArgumentError("randomSampler", `cannot draw ${length} of ${n} examples`, "pass replacement: true");
  }
  const order = (epoch: number): Uint32Array => {
    const source = random(seed, epoch);
    return replacement ? Uint32Array.from({ length }, () => source.below(n)) : shuffled(n, source).subarray(0, length);
  };
  return { length, order };
};

/**
 * Draws `count` examples, each with a probability proportional to its weight; without replacement, one after the other
 * (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006).
 */
export const weightedSampler = (
  weights: ArrayLike<number>,
  {
    count = weights.length,
    seed = 0,
    replacement = true,
  }: { count?: number; seed?: number; replacement?: boolean } = {},
): Sampler => {
  const all = Float64Array.from(weights);
  if (!all.every((w) => w >= 0 && w < Number.POSITIVE_INFINITY) || !all.some((w) => w > 0)) {
    throw new ArgumentError("weightedSampler", "weights are finite numbers >= 0, and one of them is larger");
  }
  const length = countOf("weightedSampler", count);
  const possible = all.reduce((n, w) => n + (w > 0 ? 1 : 0), 0);
  if (!replacement && length > possible) {
    throw new ArgumentError("weightedSampler", `cannot draw ${length} of ${possible} examples with a weight above 0`);
  }
  const sums = all.slice();
  for (let i = 1; i < sums.length; i++) sums[i] = (sums[i - 1] as number) + (sums[i] as number);
  const draw = (at: number): number => {
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const order = (epoch: number): Uint32Array => {
    const source = random(seed, epoch);
    const total = sums.at(-1) as number;
    if (replacement) return Uint32Array.from({ length }, () => draw(source.uniform() * total));
    const keys = all.map((w) => Math.log(1 - source.uniform()) / w);
    const candidates = Uint32Array.from({ length: all.length }, (_, i) => i).filter((i) => (all[i] as number) > 0);
    return candidates.sort((a, b) => (keys[b] as number) - (keys[a] as number)).subarray(0, length);
  };
  return { length, order };
};

/** All examples in random order, but so that every stretch of them has each label about as often as the whole. */
export const stratifiedSampler = (
  labels: ArrayLike<number | string>,
  { seed = 0 }: { seed?: number } = {},
): Sampler => {
  const classes = new Map<number | string, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number | string;
    const members = classes.get(label);
    if (members === undefined) classes.set(label, [i]);
    else members.push(i);
  }
  const order = (epoch: number): Uint32Array => {
    const source = random(seed, epoch);
    const place = new Float64Array(labels.length);
    for (const members of classes.values()) {
      const from = source.uniform();
      shuffled(members.length, source).forEach((member, j) => {
        place[members[member] as number] = (j + from) / members.length;
      });
    }
    return Uint32Array.from(place.keys()).sort((a, b) => (place[a] as number) - (place[b] as number) || a - b);
  };
  return { length: labels.length, order };
};

/**
 * The share of one of `size` processes that train together: every `size`-th example of a common order. Shares are equally long: the first
 * examples come twice where the count does not divide, or the last are left out with `dropLast`.
 */
export const distributedSampler = (
  from: Sampler | number,
  { rank, size, dropLast = false }: { rank: number; size: number; dropLast?: boolean },
): Sampler => {
  const sampler = typeof from === "number" ? randomSampler(from) : from;
  if (!Number.isInteger(size) || size < 1 || !Number.isInteger(rank) || rank < 0 || rank >= size) {
    throw new ArgumentError("distributedSampler", `rank counts from 0 to size - 1, got rank ${rank} of size ${size}`);
  }
  const length = dropLast ? Math.floor(sampler.length / size) : Math.ceil(sampler.length / size);
  const order = (epoch: number): Uint32Array => {
    const all = sampler.order(epoch);
    return Uint32Array.from({ length }, (_, i) => all[(i * size + rank) % all.length] as number);
  };
  return { length, order };
};
