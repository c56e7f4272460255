import type { Pixels } from "../messages.ts";

const side = 28;
/** The digit fits into a box of so many pixels, as in MNIST. */
const box = 20;
/** Fainter pixels do not count as ink. */
const threshold = 0.1;

const { ceil, floor, max, min } = Math;

/** The part of [from, to] that lies in the pixel [at, at + 1]. */
const overlap = (from: number, to: number, at: number): number => max(0, min(to, at + 1) - max(from, at));

/**
 * Puts a drawing into the form of MNIST: its ink scaled to fit 20x20 pixels, each the mean of the area that it covers, and its centre of
 * mass in the middle of 28x28 (LeCun, Cortes and Burges). Undefined for a drawing without ink.
 *
 * @param ink From 0 to 1, row by row.
 */
export const normalizeDigit = (ink: ArrayLike<number>, width: number, height: number): Pixels | undefined => {
  let [left, top, right, bottom] = [width, height, -1, -1];
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = ink[y * width + x] as number;
      if (value < threshold) continue;
      left = min(left, x);
      right = max(right, x);
      top = min(top, y);
      bottom = max(bottom, y);
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
    }
  }
  if (mass === 0) return undefined;
  /** Pixels of the drawing to one of the result. */
  const step = max(right - left + 1, bottom - top + 1) / box;
  // Where the result begins in the drawing; a very uneven digit moves off the middle rather than over the edge.
  const begin = (centre: number, first: number, last: number): number =>
    min(first, max(last + 1 - side * step, centre - (side / 2) * step));
  const x0 = begin(massX / mass, left, right);
  const y0 = begin(massY / mass, top, bottom);

  const result = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const [y1, y2] = [y0 + row * step, y0 + (row + 1) * step];
    for (let column = 0; column < side; column++) {
      const [x1, x2] = [x0 + column * step, x0 + (column + 1) * step];
      let sum = 0;
      for (let y = max(0, floor(y1)); y < min(height, ceil(y2)); y++) {
        const share = overlap(y1, y2, y);
        for (let x = max(0, floor(x1)); x < min(width, ceil(x2)); x++) {
          sum += share * overlap(x1, x2, x) * (ink[y * width + x] as number);
        }
      }
      result[row * side + column] = sum / (step * step);
    }
  }
  return result;
};
