import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Tensor } from "@gradloom/tensor";
import { arange, compile, oneHot, ones, randomKey, seed, take, tensor, useDevice } from "@gradloom/tensor";
import { cutmix, mixup, smoothLabels } from "../src/index.ts";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
  seed(11);
});

const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())].map(Number);
const labels = (...values: number[]) => tensor(values, { dtype: "int32" });

describe("smoothLabels", () => {
  test("spreads a share over all classes", async () => {
    const expected = [0.925, 0.025, 0.025, 0.025, 0.025, 0.025, 0.925, 0.025];
    for (const y of [smoothLabels(labels(0, 2), 0.1, { classes: 4 }), smoothLabels(oneHot(labels(0, 2), 4), 0.1)]) {
      (await numbers(y)).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 6);
      });
    }
  });

  test("refuses what it cannot smooth", () => {
    expect(() => smoothLabels(ones([2]), 2)).toThrow("[smoothLabels] the smoothing lies in [0, 1], got 2");
    expect(() => smoothLabels(labels(1))).toThrow(
      "[smoothLabels] got labels of int32 without a number of classes; give { classes }",
    );
    expect(() => smoothLabels(ones([2, 3]), 0.1, { classes: 4 })).toThrow("[smoothLabels] takes [..., 4], got [2,3]");
    expect(() => smoothLabels(ones([]))).toThrow("[smoothLabels] takes [..., classes], got []");
  });
});

describe("mixup", () => {
  const x = () => arange(12).reshape([6, 2]);
  const y = () => oneHot(labels(0, 1, 2, 3, 4, 5), 6);

  test("mixes samples and targets in one ratio with those of a permutation", async () => {
    const mixed = mixup(x(), y(), { alpha: 1 });
    const ratio = await mixed.ratio.item();
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThan(1);
    const partners = await numbers(mixed.partners);
    expect([...partners].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    const [xs, ys] = [await numbers(mixed.x), await numbers(mixed.y)];
    partners.forEach((p, i) => {
      expect(xs[2 * i]).toBeCloseTo(ratio * 2 * i + (1 - ratio) * 2 * p, 4);
      expect(ys[6 * i + i]).toBeCloseTo(p === i ? 1 : ratio, 5);
    });
  });

  test.each([0.2, 1, 4])("draws ratios from Beta(%d, %d)", async (alpha) => {
    const step = compile((a: Tensor, b: Tensor) => mixup(a, b, { alpha }).ratio);
    const ratios: number[] = [];
    const [a, b] = [ones([1, 1]), ones([1, 1])];
    for (let i = 0; i < 1500; i++) ratios.push(await step(a, b).item());
    const mean = ratios.reduce((sum, r) => sum + r, 0) / ratios.length;
    const variance = ratios.reduce((sum, r) => sum + (r - mean) ** 2, 0) / ratios.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance * 4 * (2 * alpha + 1)).toBeCloseTo(1, 0.5);
  });

  test("the same key gives the same mixture", async () => {
    const mix = async (n: number) => numbers(mixup(x(), y(), { key: randomKey(n) }).x);
    expect(await mix(1)).toEqual(await mix(1));
    expect(await mix(1)).not.toEqual(await mix(2));
  });

  test("refuses what it cannot mix", () => {
    expect(() => mixup(x(), y(), { alpha: 0 })).toThrow("[mixup] alpha is a number > 0, got 0");
    expect(() => mixup(x(), ones([5]))).toThrow("[mixup] x and y have one batch size, got [6,2] and [5]");
    expect(() => mixup(x(), labels(0, 1, 2, 3, 4, 5))).toThrow(
      "[mixup] targets are mixed as floats, got int32; use oneHot(y, classes)",
    );
  });
});

describe("cutmix", () => {
  test("puts a rectangle of the partner into each image and mixes targets by area", async () => {
    const [n, height, width] = [4, 8, 10];
    const x = arange(n).reshape([n, 1, 1, 1]).broadcastTo([n, height, width, 2]);
    const y = oneHot(labels(0, 1, 2, 3), n);
    for (let k = 0; k < 8; k++) {
      const mixed = cutmix(x, y, { key: randomKey(k) });
      const partners = await numbers(mixed.partners);
      const ratio = await mixed.ratio.item();
      const [xs, ys] = [await numbers(mixed.x), await numbers(mixed.y)];
      const area = height * width * 2;
      for (let i = 0; i < n; i++) {
        if (partners[i] === i) continue;
        const own = xs.slice(i * area, (i + 1) * area).filter((value) => value === i).length;
        const other = xs.slice(i * area, (i + 1) * area).filter((value) => value === partners[i]).length;
        expect(own + other).toBe(area);
        expect(own / area).toBeCloseTo(ratio, 5);
        expect(ys[i * n + i]).toBeCloseTo(ratio, 5);
      }
    }
  });

  test("the rectangle is one", async () => {
    const x = tensor([[[[0]]], [[[1]]]]).broadcastTo([2, 6, 6, 1]);
    for (let k = 0; k < 6; k++) {
      const mixed = cutmix(x, ones([2, 1]), { key: randomKey(k) });
      const changed = await numbers(mixed.x.notEqual(x).any([0, 3]).cast("int32"));
      const inside = changed.flatMap((value, i) => (value === 1 ? [[Math.floor(i / 6), i % 6] as const] : []));
      if (inside.length === 0) continue;
      const span = (d: 0 | 1) => Math.max(...inside.map((p) => p[d])) - Math.min(...inside.map((p) => p[d])) + 1;
      expect(inside.length).toBe(span(0) * span(1));
    }
  });

  test("refuses what are no images", () => {
    expect(() => cutmix(ones([2, 3]), ones([2]))).toThrow("[cutmix] takes [batch, height, width, channels], got [2,3]");
  });
});

test("partners can be used with losses of labels", async () => {
  const y = labels(3, 4, 5);
  const { partners } = mixup(ones([3, 1]), ones([3, 1]));
  expect([...(await numbers(take(y, partners)))].sort()).toEqual([3, 4, 5]);
});
