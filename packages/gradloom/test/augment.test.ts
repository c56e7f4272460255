import { createReferenceBackend } from "@gradloom/backend-reference";
import type { Tensor } from "@gradloom/tensor";
import { arange, memory, seed, tensor, useDevice } from "@gradloom/tensor";
import { augmented } from "../src/command/augment.ts";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

const [n, size] = [40, 8];

/** One pass over a single batch. */
const change = async (...names: string[]): Promise<number[][][]> => {
  const batches = {
    length: 1,
    async *[Symbol.asyncIterator]() {
      const pixels = arange(1, 1 + n * size * size);
      const images = tensor(await pixels.reshape([n, size, size, 1]).array());
      yield [images, arange(n)] as [Tensor, Tensor];
    },
  };
  for await (const [changed] of augmented(batches, names)) {
    return (await changed.reshape([n, size, size]).array()) as number[][][];
  }
  return [];
};

/** The pixel that was in the middle of row `y`, column `x` of image `i`. */
const pixel = (i: number, y: number, x: number): number => i * size * size + y * size + x + 1;

test("each image is mirrored or not", async () => {
  seed(1);
  const changed = await change("flip");
  const mirrored = changed.filter((rows, i) => {
    const straight = Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => pixel(i, y, x)));
    const turned = straight.map((row) => [...row].reverse());
    expect([straight, turned]).toContainEqual(rows);
    return rows[0]?.[0] === pixel(i, 0, size - 1);
  });
  expect(mirrored.length).toBeGreaterThan(8);
  expect(mirrored.length).toBeLessThan(32);
});

test("each image is moved by up to an eighth of its size, with zeros behind", async () => {
  seed(2);
  const moves = (await change("crop")).map((rows, i) => {
    const [dy, dx] = [-1, 0, 1]
      .flatMap((y) => [-1, 0, 1].map((x) => [y, x] as const))
      .find(([y, x]) => rows[4]?.[4] === pixel(i, 4 + y, 4 + x)) as readonly [number, number];
    for (const [y, row] of rows.entries()) {
      for (const [x, value] of row.entries()) {
        const inside = Math.min(y + dy, x + dx) >= 0 && Math.max(y + dy, x + dx) < size;
        expect(value).toBe(inside ? pixel(i, y + dy, x + dx) : 0);
      }
    }
    return `${dy} ${dx}`;
  });
  expect(new Set(moves).size).toBeGreaterThan(6);
});

test("another pass draws anew, the same seed draws the same; batches are freed", async () => {
  const { liveBytes } = memory();
  seed(3);
  const [first, second] = [await change("flip", "crop"), await change("flip", "crop")];
  expect(second).not.toEqual(first);
  seed(3);
  expect(await change("flip", "crop")).toEqual(first);
  expect(memory().liveBytes).toBe(liveBytes);
  expect(() => augmented([] as never, ["spin"])).toThrow('unknown change "spin"; use some of flip, crop');
});
