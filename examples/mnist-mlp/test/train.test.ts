import { existsSync } from "node:fs";
import { join } from "node:path";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { fromArrays, mnist, take } from "@gradloom/datasets";
import { useDevice } from "@gradloom/tensor";
import type { Digits } from "../src/train.ts";
import { trainDigits } from "../src/train.ts";

/** Ten blurred bars, one per class, each image shifted and noisy: what any network must be able to tell apart. */
const bars = (n: number): Digits => {
  const images = new Uint8Array(n * 784);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const digit = (i * 7) % 10;
    labels[i] = digit;
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) {
        const near = Math.abs(x - (2 + 2.5 * digit) - (i % 3)) < 1.5 ? 200 : 0;
        images[i * 784 + y * 28 + x] = near + ((i * 31 + y * 17 + x * 13) % 40);
      }
    }
  }
  return fromArrays([{ data: images, shape: [n, 28, 28, 1], dtype: "float32", scale: 1 / 255 }, labels]);
};

const settings = { epochs: 2, batchSize: 32, learningRate: 0.1, hidden: 32, seed: 1 };

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

test("learns simple images, the same way at every run", async () => {
  const losses: number[] = [];
  const run = (): Promise<number> =>
    trainDigits(bars(320), bars(100), { ...settings, onStep: (_, __, loss) => losses.push(loss) });
  expect(await run()).toBeGreaterThan(0.95);
  await run();
  expect(losses.slice(0, 20)).toEqual(losses.slice(20));
});

const folder = join(process.env.GRADLOOM_DATA ?? "", "mnist");
const real = existsSync(folder) ? test : test.skip;

real("learns real digits (skipped where GRADLOOM_DATA names no MNIST)", async () => {
  const [train, held] = [await mnist.load({ dir: folder }), await mnist.load({ dir: folder, split: "test" })];
  const accuracy = await trainDigits(take(train, 2000), take(held, 1000), { ...settings, epochs: 3 });
  expect(accuracy).toBeGreaterThan(0.8);
});
