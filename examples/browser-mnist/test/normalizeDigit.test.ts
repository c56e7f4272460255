import { normalizeDigit } from "../src/page/normalizeDigit.ts";

/** A drawing with ink in a rectangle. */
const rectangle = (size: number, left: number, top: number, width: number, height: number): Float32Array =>
  Float32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    return x >= left && x < left + width && y >= top && y < top + height ? 1 : 0;
  });

const measured = (pixels: Float32Array) => {
  let [mass, x, y] = [0, 0, 0];
  const rows = new Set<number>();
  const columns = new Set<number>();
  pixels.forEach((ink, i) => {
    mass += ink;
    x += ink * ((i % 28) + 0.5);
    y += ink * (Math.floor(i / 28) + 0.5);
    if (ink > 0.01) {
      rows.add(Math.floor(i / 28));
      columns.add(i % 28);
    }
  });
  return { mass, x: x / mass, y: y / mass, rows: rows.size, columns: columns.size };
};

test("nothing drawn gives nothing", () => {
  expect(normalizeDigit(new Float32Array(100), 10, 10)).toBeUndefined();
});

test.each([
  { size: 280, left: 10, top: 20, width: 50, height: 200 },
  { size: 280, left: 200, top: 150, width: 40, height: 20 },
  { size: 14, left: 3, top: 4, width: 10, height: 5 },
])("$width x $height pixels fit 20 x 20 with their centre in the middle", ({ size, left, top, width, height }) => {
  const pixels = normalizeDigit(rectangle(size, left, top, width, height), size, size);
  if (pixels === undefined) throw new Error("no digit");
  const { mass, x, y, rows, columns } = measured(pixels);
  expect(Math.max(rows, columns)).toBe(20);
  expect(mass).toBeCloseTo((400 * Math.min(width, height)) / Math.max(width, height), 1);
  expect(x).toBeCloseTo(14, 3);
  expect(y).toBeCloseTo(14, 3);
  expect(Math.max(...pixels)).toBeLessThanOrEqual(1.0001);
});

test("the mass is in the middle, not the box", () => {
  const heavy = rectangle(100, 0, 0, 100, 20).map((ink, i) => Math.max(ink, i % 100 === 0 ? 1 : 0));
  const { y, rows } = measured(normalizeDigit(heavy, 100, 100) as Float32Array);
  expect(rows).toBeGreaterThanOrEqual(20);
  // The middle of the box would be further up.
  expect(y).toBeGreaterThan(8);
  expect(y).toBeLessThan(14.5);
});

test("edges are smooth", () => {
  const slope = Float32Array.from({ length: 100 * 100 }, (_, i) => (i % 100 < Math.floor(i / 100) ? 1 : 0));
  const pixels = normalizeDigit(slope, 100, 100) as Float32Array;
  const grey = pixels.filter((ink) => ink > 0.05 && ink < 0.95);
  expect(grey.length).toBeGreaterThan(15);
});
