import { createHash } from "node:crypto";
import { ArgumentError } from "@gradloom/backend";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { syntheticDigits } from "@gradloom/datasets";
import { useDevice } from "@gradloom/tensor";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

test("are the same for the same seed, however many are drawn", () => {
  const a = syntheticDigits({ count: 30, seed: 1 });
  const b = syntheticDigits({ count: 20, seed: 1 });
  const c = syntheticDigits({ count: 20, seed: 2 });
  expect(a.images).toMatchObject({ shape: [30, 28, 28, 1], dtype: "uint8" });
  expect(b.images.data).toEqual(a.images.data.subarray(0, 20 * 784));
  expect(c.images.data).not.toEqual(b.images.data);
  expect(b.labels).toEqual(a.labels.subarray(0, 20));
  // Math.sin and its like may differ in the last bit between engines, but not in the pixels seen so far.
  const digest = createHash("sha256").update(a.images.data).digest("hex");
  expect(digest).toMatchInlineSnapshot(`"456f91a20010d041ee515d5acb6404c06dcbe14346e36d36a99a3813a8375715"`);
});

test("have each digit equally often, and examples in the form of MNIST", async () => {
  const { labels, classes, ...data } = syntheticDigits({ count: 200 });
  expect(classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  for (let digit = 0; digit < 10; digit++) expect(labels.filter((label) => label === digit)).toHaveLength(20);
  const [image, label] = await data.get(3);
  expect(image).toMatchObject({ shape: [28, 28, 1], dtype: "float32" });
  expect(label).toBe(labels[3]);
  expect(Math.max(...image.data)).toBeGreaterThan(0.6);
});

test("can mostly, but not fully, be told apart by a linear model", () => {
  const train = syntheticDigits({ count: 3000, seed: 1 });
  const test = syntheticDigits({ count: 1000, seed: 2 });
  const w = new Float64Array(10 * 784);
  const scores = (pixels: ArrayLike<number>, from: number): Float64Array => {
    const z = new Float64Array(10);
    for (let p = 0; p < 784; p++) {
      const value = (pixels[from + p] as number) / 255;
      if (value > 0) for (let k = 0; k < 10; k++) z[k]! += value * w[p * 10 + k]!;
    }
    return z;
  };
  for (let step = 0; step < 4 * train.length; step++) {
    const i = step % train.length;
    const pixels = train.images.data.subarray(i * 784, (i + 1) * 784);
    const z = scores(pixels, 0);
    const top = Math.max(...z);
    const exps = z.map((each) => Math.exp(each - top));
    const sum = exps.reduce((a, b) => a + b, 0);
    const error = exps.map((e, k) => e / sum - (train.labels[i] === k ? 1 : 0));
    for (let p = 0; p < 784; p++) {
      const rate = (0.01 * (pixels[p] as number)) / 255;
      if (rate > 0) for (let k = 0; k < 10; k++) w[p * 10 + k]! -= rate * error[k]!;
    }
  }
  let hits = 0;
  for (let i = 0; i < test.length; i++) {
    const z = scores(test.images.data, i * 784);
    if (z.indexOf(Math.max(...z)) === test.labels[i]) hits++;
  }
  expect(hits / test.length).toBeGreaterThan(0.75);
  expect(hits / test.length).toBeLessThan(0.92);
});

test("refuses counts that are none", () => {
  for (const count of [0, -1, 1.5, 2 ** 21]) expect(() => syntheticDigits({ count })).toThrow(ArgumentError);
  expect(() => syntheticDigits({ count: 1, seed: -1 })).toThrow("[seed] takes a whole number");
});
