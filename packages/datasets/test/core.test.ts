import { ArgumentError, DTypeError, ShapeError } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Dataset } from "@gradloom/datasets";
import {
  batch,
  cache,
  collate,
  concat,
  DataLoader,
  dataset,
  filter,
  fromArrays,
  map,
  shuffle,
  split,
  subset,
  take,
} from "@gradloom/datasets";
import { memory, Tensor, tensor, useDevice } from "@gradloom/tensor";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

const numbers = (n: number): Dataset<number> => dataset({ length: n, get: (i) => 10 * i });

const listOf = async <T>(from: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const each of from) all.push(each);
  return all;
};

async function* stream(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield 10 * i;
}

const arrays = async (batches: AsyncIterable<Tensor>): Promise<unknown[]> =>
  Promise.all((await listOf(batches)).map((each) => each.array()));

describe("data sets", () => {
  test("have a length, examples and an order", async () => {
    expect(await listOf(numbers(3))).toEqual([0, 10, 20]);
    expect(await listOf(numbers(0))).toEqual([]);
  });

  test("refuse numbers that no example has", () => {
    for (const i of [-1, 3, 0.5, Number.NaN]) {
      expect(() => numbers(3).get(i)).toThrow(`[dataset] has no example ${i}, the first is 0 and the last 2`);
    }
    expect(() => dataset({ length: -1, get: () => 0 })).toThrow(ArgumentError);
  });

  test("map, for values, promises and streams", async () => {
    expect(await listOf(map(numbers(3), (x, i) => x + i))).toEqual([0, 11, 22]);
    expect(
      await listOf(
        map(
          map(numbers(3), async (x) => x),
          (x) => x + 1,
        ),
      ),
    ).toEqual([1, 11, 21]);
    expect(await listOf(map(stream(3), (x, i) => x + i))).toEqual([0, 11, 22]);
  });

  test("filter", async () => {
    const kept = await filter(numbers(5), (x) => x % 20 === 0);
    expect(kept.length).toBe(3);
    expect(await listOf(kept)).toEqual([0, 20, 40]);
    expect(await listOf(filter(stream(5), async (x) => x > 10))).toEqual([20, 30, 40]);
  });

  test("shuffle by a seed", async () => {
    const once = await listOf(shuffle(numbers(50), { seed: 3 }));
    expect(await listOf(shuffle(numbers(50), { seed: 3 }))).toEqual(once);
    expect(await listOf(shuffle(numbers(50), { seed: 4 }))).not.toEqual(once);
    expect([...once].sort((a, b) => a - b)).toEqual(await listOf(numbers(50)));
    const mixed = await listOf(shuffle(stream(50), { seed: 3, buffer: 10 }));
    expect(mixed).not.toEqual(await listOf(numbers(50)));
    expect(mixed.sort((a, b) => a - b)).toEqual(await listOf(numbers(50)));
    expect(() => shuffle(stream(1), { buffer: 0 })).toThrow(ArgumentError);
    expect(() => shuffle(numbers(1), { seed: -1 })).toThrow("[seed] takes a whole number");
  });

  test("concat, subset, take", async () => {
    expect(await listOf(concat([numbers(2), numbers(0), numbers(3)]))).toEqual([0, 10, 0, 10, 20]);
    expect(await listOf(subset(numbers(5), [4, 0, 4]))).toEqual([40, 0, 40]);
    expect(() => subset(numbers(5), [5])).toThrow("has no example 5");
    expect((await listOf(take(numbers(5), 2))).length).toBe(2);
    expect((await listOf(take(numbers(5), 9))).length).toBe(5);
  });

  test("split by counts and fractions, in order or drawn", async () => {
    const [a, b] = split(numbers(10), [0.75, 0.25]);
    expect([a.length, b.length]).toEqual([8, 2]);
    expect(await listOf(b)).toEqual([80, 90]);
    const parts = split(numbers(10), [6, 3, 1], { seed: 1 });
    const all = (await Promise.all(parts.map(listOf))).flat();
    expect(all).not.toEqual(await listOf(numbers(10)));
    expect(all.sort((x, y) => x - y)).toEqual(await listOf(numbers(10)));
    for (const sizes of [[5, 4], [0.5, 0.4], [-1, 11], [11], [Number.NaN, 1]]) {
      expect(() => split(numbers(10), sizes)).toThrow(ArgumentError);
    }
  });

  test("cache takes each example once, and again after a failure", async () => {
    let taken = 0;
    const cached = cache(
      dataset({ length: 2, get: async (i) => (taken++ === 0 ? Promise.reject(new Error("no")) : i) }),
    );
    await expect(cached.get(0)).rejects.toThrow("no");
    expect([await cached.get(0), await cached.get(0), await cached.get(1)]).toEqual([0, 0, 1]);
    expect(taken).toBe(3);
  });

  test("batch", async () => {
    expect(batch(numbers(5), 2).length).toBe(3);
    expect(await arrays(batch(numbers(5), 2))).toEqual([[0, 10], [20, 30], [40]]);
    expect(await arrays(batch(numbers(5), 2, { dropLast: true }))).toEqual([
      [0, 10],
      [20, 30],
    ]);
    expect(await arrays(batch(stream(5), 2))).toEqual([[0, 10], [20, 30], [40]]);
    expect(await arrays(batch(stream(5), 2, { dropLast: true }))).toEqual([
      [0, 10],
      [20, 30],
    ]);
    expect(() => batch(numbers(5), 0)).toThrow("[batch] a batch holds a whole number of examples >= 1, got 0");
  });
});

describe("collate", () => {
  test("numbers, truth values, strings", async () => {
    expect(collate([1, 2])).toMatchObject({ dtype: "int32", shape: [2] });
    expect(collate([1, 2.5])).toMatchObject({ dtype: "float32", shape: [2] });
    expect(collate([2 ** 31, 1])).toMatchObject({ dtype: "float32" });
    expect(collate([true, false])).toMatchObject({ dtype: "bool", shape: [2] });
    expect(collate(["a", "b"])).toEqual(["a", "b"]);
    expect(collate([null, "b"])).toEqual([null, "b"]);
  });

  test("arrays and tensors, within tuples and objects", async () => {
    const [x, { y, z }] = collate([
      [
        Float32Array.of(1, 2),
        { y: tensor([1]), z: { data: Uint8Array.of(7), shape: [1, 1], dtype: "uint8" as const } },
      ],
      [
        Float32Array.of(3, 4),
        { y: tensor([2]), z: { data: Uint8Array.of(8), shape: [1, 1], dtype: "uint8" as const } },
      ],
    ] as const);
    expect(await x.array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await y.array()).toEqual([[1], [2]]);
    expect(z).toMatchObject({ dtype: "uint8", shape: [2, 1, 1] });
    expect(await z.array()).toEqual([[[7]], [[8]]]);
  });

  test("refuses what does not fit together", () => {
    expect(() => collate([Float32Array.of(1), Float32Array.of(1, 2)])).toThrow(ShapeError);
    expect(() => collate([Float32Array.of(1), Float32Array.of(1, 2)])).toThrow(
      "got [1] and [2]; map them to one shape",
    );
    expect(() => collate([Float32Array.of(1), Int32Array.of(1)])).toThrow(DTypeError);
    expect(() => collate([Uint16Array.of(1)])).toThrow(DTypeError);
    expect(() => collate([])).toThrow(ArgumentError);
  });
});

describe("fromArrays", () => {
  const pixels = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
  const pairs = fromArrays([
    { data: pixels, shape: [3, 2, 2], dtype: "float32", scale: 1 / 255 },
    Int32Array.of(5, 6, 7),
  ]);

  test("gives examples and batches of one form", async () => {
    expect(pairs.length).toBe(3);
    const [image, label] = await pairs.get(1);
    expect(label).toBe(6);
    expect(image).toMatchObject({ shape: [2, 2], dtype: "float32" });
    expect([...image.data]).toEqual([80, 100, 120, 140].map((x) => Math.fround(x / 255)));
    const [images, labels] = pairs.gather!([2, 0]) as [Tensor, Tensor];
    expect(images).toMatchObject({ shape: [2, 2, 2], dtype: "float32" });
    expect(await labels.array()).toEqual([7, 5]);
    const [slowImages, slowLabels] = collate([await pairs.get(2), await pairs.get(0)]);
    expect(await slowImages.data()).toEqual(await images.data());
    expect(await slowLabels.data()).toEqual(await labels.data());
    expect([slowImages.dtype, slowLabels.dtype]).toEqual([images.dtype, labels.dtype]);
  });

  test("takes objects, every type, and cuts through subsets", async () => {
    const data = fromArrays({
      x: { data: Uint16Array.of(0x3c00, 0x4000), shape: [2, 1], stored: "float16" },
      y: { data: Uint8Array.of(0, 1), shape: [2], stored: "bool" },
      z: { data: Uint16Array.of(0x3c00, 0x4000), shape: [2], stored: "float16", dtype: "float32", scale: 2 },
    });
    const { x, y, z } = subset(data, [1]).gather!([0]) as { x: Tensor; y: Tensor; z: Tensor };
    expect([x.dtype, y.dtype, z.dtype]).toEqual(["float16", "bool", "float32"]);
    expect([await x.array(), await y.array(), await z.array()]).toEqual([[[2]], [1], [4]]);
    expect(() => subset(data, [1]).gather!([1])).toThrow("has no example 1");
  });

  test("refuses columns that do not fit", () => {
    expect(() => fromArrays([Int32Array.of(1), Int32Array.of(1, 2)])).toThrow(ShapeError);
    expect(() => fromArrays([{ data: pixels, shape: [5, 2] }])).toThrow("column 0 has 12 values");
    expect(() => fromArrays({ x: Uint16Array.of(1) })).toThrow(DTypeError);
    expect(() => fromArrays([])).toThrow(ArgumentError);
    expect(() => pairs.gather!([3])).toThrow("has no example 3");
  });
});

describe("DataLoader", () => {
  test("uploads batches ahead, and frees each when the next is taken", async () => {
    const { liveBytes } = memory();
    const data = fromArrays({
      x: { data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [6, 2] },
      y: Int32Array.of(0, 1, 2, 3, 4, 5),
    });
    const loader = new DataLoader(data, { batchSize: 2, upload: true, prefetch: 1 });
    const sums: number[] = [];
    const bytes: number[] = [];
    for await (const { x, y } of loader) {
      sums.push((await x.sum().item()) + (await y.sum().item()));
      bytes.push(memory().liveBytes - liveBytes);
    }
    expect(sums).toEqual([7, 27, 47]);
    expect(bytes.every((n) => n > 0 && n <= 2 * 24)).toBe(true);
    for await (const _ of loader) break;
    await new Promise((resolve) => setTimeout(resolve));
    expect(memory().liveBytes).toBe(liveBytes);
  });

  test("batches in order", async () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2 });
    expect(loader.length).toBe(3);
    expect(await arrays(loader)).toEqual([[0, 10], [20, 30], [40]]);
    expect(await arrays(new DataLoader(numbers(5), { batchSize: 2, dropLast: true }))).toHaveLength(2);
    expect(await arrays(new DataLoader(numbers(0)))).toEqual([]);
  });

  test("shuffles anew every epoch, the same way in every run", async () => {
    const run = async (): Promise<unknown[]> => {
      const loader = new DataLoader(numbers(20), { batchSize: 20, shuffle: true, seed: 7 });
      return [...(await arrays(loader)), ...(await arrays(loader))];
    };
    const [first, second] = (await run()) as [number[], number[]];
    expect(first).not.toEqual(second);
    expect([...first].sort((a, b) => a - b)).toEqual([...second].sort((a, b) => a - b));
    expect(await run()).toEqual([first, second]);
    const resumed = new DataLoader(numbers(20), { batchSize: 20, shuffle: true, seed: 7 });
    resumed.epoch = 1;
    expect(await arrays(resumed)).toEqual([second]);
  });

  test("takes a collate function and a sampler", async () => {
    const sampler = { length: 3, order: (epoch: number) => [epoch, 4, 0] };
    const loader = new DataLoader(numbers(5), { batchSize: 2, sampler, collate: (list) => list.join() });
    expect(await listOf(loader)).toEqual(["0,40", "0"]);
    expect(await listOf(loader)).toEqual(["10,40", "0"]);
    expect(() => new DataLoader(numbers(5), { sampler, shuffle: true })).toThrow(
      "takes a sampler or shuffle, not both",
    );
  });

  test("makes batches ahead, as many as asked", async () => {
    let taken = 0;
    const slow = dataset({
      length: 10,
      get: async (i) => {
        taken++;
        return i;
      },
    });
    for await (const first of new DataLoader(slow, { batchSize: 1, prefetch: 3 })) {
      expect(await first.array()).toEqual([0]);
      break;
    }
    expect(taken).toBe(4);
  });

  test("passes failures on at their place", async () => {
    const failing = dataset({ length: 6, get: async (i) => (i === 3 ? Promise.reject(new Error("no 3")) : i) });
    const seen: unknown[] = [];
    const run = async (): Promise<void> => {
      for await (const x of new DataLoader(failing, { batchSize: 1 })) seen.push(await x.item());
    };
    await expect(run()).rejects.toThrow("no 3");
    expect(seen).toEqual([0, 1, 2]);
  });

  test("ends when its signal says so", async () => {
    const control = new AbortController();
    const run = async (): Promise<void> => {
      for await (const _ of new DataLoader(numbers(9), { batchSize: 1, signal: control.signal })) control.abort();
    };
    await expect(run()).rejects.toThrow("abort");
  });

  test("refuses sizes that are none", () => {
    for (const batchSize of [0, 1.5, -1])
      expect(() => new DataLoader(numbers(1), { batchSize })).toThrow(ArgumentError);
    expect(() => new DataLoader(numbers(1), { prefetch: -1 })).toThrow(ArgumentError);
  });

  test("has types that follow the data set", async () => {
    const data = fromArrays({ x: { data: new Float32Array(4), shape: [2, 2] }, y: Int32Array.of(1, 2) });
    for await (const { x, y } of new DataLoader(data, { batchSize: 2 })) {
      const both: [Tensor, Tensor] = [x, y];
      expect(both.every((each) => each instanceof Tensor)).toBe(true);
    }
  });
});
