import { ArgumentError } from "@gradloom/backend";
import {
  distributedSampler,
  random,
  randomSampler,
  sequentialSampler,
  stratifiedSampler,
  weightedSampler,
} from "@gradloom/datasets";

const count = (list: ArrayLike<number>, value: number): number => Array.from(list).filter((x) => x === value).length;
const sorted = (list: ArrayLike<number>): number[] => Array.from(list).sort((a, b) => a - b);

test("sequential", () => {
  expect(Array.from(sequentialSampler([7, 8, 9]).order(0))).toEqual([0, 1, 2]);
  expect(() => sequentialSampler(-1)).toThrow(ArgumentError);
});

test("random: a permutation per epoch, or draws with replacement", () => {
  const sampler = randomSampler(100, { seed: 5 });
  expect(sorted(sampler.order(0))).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(sampler.order(1)).not.toEqual(sampler.order(0));
  expect(sampler.order(1)).toEqual(randomSampler(100, { seed: 5 }).order(1));
  expect(new Set(randomSampler(100, { count: 10 }).order(0) as Uint32Array).size).toBe(10);
  const drawn = randomSampler(3, { count: 3000, replacement: true }).order(0);
  for (const i of [0, 1, 2]) expect(Math.abs(count(drawn, i) - 1000)).toBeLessThan(150);
  expect(() => randomSampler(3, { count: 4 })).toThrow("cannot draw 4 of 3 examples; pass replacement: true");
});

test("weighted: draws in proportion", () => {
  const drawn = weightedSampler([1, 0, 3], { count: 4000, seed: 2 }).order(0);
  expect(count(drawn, 1)).toBe(0);
  expect(Math.abs(count(drawn, 2) - 3000)).toBeLessThan(150);
  let first = 0;
  const without = weightedSampler([1, 0, 3], { count: 2, replacement: false });
  for (let epoch = 0; epoch < 1000; epoch++) {
    const order = without.order(epoch);
    expect(sorted(order)).toEqual([0, 2]);
    if (order[0] === 2) first++;
  }
  expect(Math.abs(first - 750)).toBeLessThan(60);
  for (const weights of [[-1, 2], [0, 0], [Number.NaN], [Number.POSITIVE_INFINITY]]) {
    expect(() => weightedSampler(weights)).toThrow(ArgumentError);
  }
  expect(() => weightedSampler([1, 0], { count: 2, replacement: false })).toThrow("cannot draw 2 of 1 examples");
});

test("stratified: every stretch has the classes of the whole", () => {
  const labels = Array.from({ length: 1000 }, (_, i) => (i < 700 ? "a" : i < 950 ? "b" : "c"));
  const order = Array.from(stratifiedSampler(labels, { seed: 1 }).order(0));
  expect(sorted(order)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  for (let start = 0; start < 1000; start += 100) {
    const part = order.slice(start, start + 100).map((i) => labels[i]);
    expect(Math.abs(part.filter((x) => x === "a").length - 70)).toBeLessThanOrEqual(1);
    expect(Math.abs(part.filter((x) => x === "c").length - 5)).toBeLessThanOrEqual(1);
  }
  expect(order).not.toEqual(Array.from(stratifiedSampler(labels, { seed: 1 }).order(1)));
});

test("distributed: equal shares that make up the whole", () => {
  const share = (rank: number, dropLast = false): number[] =>
    Array.from(distributedSampler(sequentialSampler(10), { rank, size: 4, dropLast }).order(0));
  expect([0, 1, 2, 3].map((rank) => share(rank))).toEqual([
    [0, 4, 8],
    [1, 5, 9],
    [2, 6, 0],
    [3, 7, 1],
  ]);
  expect([0, 1, 2, 3].map((rank) => share(rank, true))).toEqual([
    [0, 4],
    [1, 5],
    [2, 6],
    [3, 7],
  ]);
  const both = [0, 1].flatMap((rank) => Array.from(distributedSampler(6, { rank, size: 2 }).order(3)));
  expect(sorted(both)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(() => distributedSampler(4, { rank: 2, size: 2 })).toThrow(ArgumentError);
});

test("random numbers are pinned, even and normal", () => {
  // The published answer of Threefry2x32 with 20 rounds for zeros.
  expect([random(0).bits(), random(2 ** 40).bits() !== random(0).bits()]).toEqual([0x6b200159, true]);
  const source = random(1);
  const normals = Array.from({ length: 20000 }, () => source.normal());
  const mean = normals.reduce((a, b) => a + b, 0) / normals.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(normals.reduce((a, b) => a + b * b, 0) / normals.length - 1)).toBeLessThan(0.05);
  const counts = new Array<number>(3).fill(0);
  for (let i = 0; i < 3000; i++) counts[source.below(3)]!++;
  for (const n of counts) expect(Math.abs(n - 1000)).toBeLessThan(120);
});
