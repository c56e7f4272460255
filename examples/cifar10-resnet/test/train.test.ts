import type { LabeledImages } from "@gradloom/datasets";
import { fromArrays } from "@gradloom/datasets";
import { train } from "../src/train.ts";

/** Squares of one colour for each class, somewhere on noise. */
const squares = (count: number, salt: number): LabeledImages => {
  const side = 16;
  const pixels = new Uint8Array(count * side * side * 3);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  for (let i = 0; i < count; i++) {
    const [top, left] = [(i * 7 + salt) % 8, (i * 5 + salt) % 8];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const inside = y >= top && y < top + 8 && x >= left && x < left + 8;
        for (let c = 0; c < 3; c++) {
          const at = ((i * side + y) * side + x) * 3 + c;
          pixels[at] = inside && c === labels[i] ? 220 : (at * 31 + salt) % 90;
        }
      }
    }
  }
  const images = { data: pixels, shape: [count, side, side, 3], dtype: "uint8" as const };
  return {
    ...fromArrays([{ ...images, dtype: "float32", scale: 1 / 255 }, labels]),
    classes: ["red", "green", "blue"],
    source: { folder: "", files: [], missing: [] },
    images,
    labels,
  };
};

test("a residual network learns colours", async () => {
  const accuracy = await train(squares(96, 0), squares(30, 3), { depth: 20, epochs: 4, batchSize: 16 });
  expect(accuracy).toBeGreaterThan(0.8);
}, 120_000);
