import { ArgumentError } from "@gradloom/backend";
import type { Random } from "../core/random.ts";
import { random, shuffled } from "../core/random.ts";
import type { ImageType, LabeledImages } from "../sources/LabeledImages.ts";
import { labeledImages } from "../sources/LabeledImages.ts";
import type { Stroke } from "./strokes.ts";
import { strokesOf } from "./strokes.ts";

export interface SyntheticOptions {
  readonly count: number;
  /** The same seed gives the same images; give test images another one. */
  readonly seed?: number;
  /** Type of images; float32, from 0 to 1, by default. */
  readonly dtype?: ImageType;
}

const side = 28;
const { max, min, sqrt } = Math;
const classes = Array.from({ length: 10 }, (_, i) => `${i}`);

/** Bends, slants, turns, scales and shifts strokes into the coordinates of pixels. */
const place = (strokes: readonly Stroke[], source: Random): Stroke[] => {
  const width = Math.min(18, 13 * Math.exp(0.2 * source.normal()));
  const height = Math.min(23, 19 * Math.exp(0.09 * source.normal()));
  const slant = 0.12 + 0.22 * source.normal();
  const turn = 0.14 * source.normal();
  const bend = [0, 1].map(() => 0.05 * source.normal());
  const phase = [0, 1].map(() => 2 * Math.PI * source.uniform());
  const shift = [0, 1].map(() => side / 2 - 0.5 + 1.2 * source.normal());
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => {
      const u = (x - 0.5 + (bend[0] as number) * Math.sin(5 * y + (phase[0] as number))) * width;
      const v = (y - 0.5 + (bend[1] as number) * Math.sin(5 * x + (phase[1] as number))) * height;
      const w = u - slant * v;
      return [cos * w - sin * v + (shift[0] as number), sin * w + cos * v + (shift[1] as number)];
    }),
  );
};

/** Darkens pixels near a straight line: fully within `radius`, falling off over one pixel. */
const drawLine = (
  image: Float32Array,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  radius: number,
): void => {
  const reach = radius + 1;
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const x1 = Math.min(side - 1, Math.ceil(Math.max(ax, bx) + reach));
  const y1 = Math.min(side - 1, Math.ceil(Math.max(ay, by) + reach));
  for (let y = Math.max(0, Math.floor(Math.min(ay, by) - reach)); y <= y1; y++) {
    for (let x = Math.max(0, Math.floor(Math.min(ax, bx) - reach)); x <= x1; x++) {
      const share = squared === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / squared;
      const along = max(0, min(1, share));
      const u = x - ax - along * dx;
      const v = y - ay - along * dy;
      const depth = radius + 0.5 - sqrt(u * u + v * v);
      const ink = min(1, depth);
      const at = y * side + x;
      if (ink > (image[at] as number)) image[at] = ink;
    }
  }
};

/** Draws one digit; returns bytes, 255 for full ink. */
const draw = (digit: number, source: Random, pixels: Uint8Array): void => {
  const image = new Float32Array(side * side);
  const radius = Math.max(0.45, 1.05 + 0.35 * source.normal());
  for (const stroke of place(strokesOf(digit, source), source)) {
    for (let i = 1; i < stroke.length; i++) {
      drawLine(image, stroke[i - 1] as Stroke[number], stroke[i] as Stroke[number], radius);
    }
  }
  const ink = 255 - 60 * source.uniform();
  const noise = 30 * source.uniform();
  for (let i = 0; i < pixels.length; i += 4) {
    const word = source.bits();
    for (let k = 0; k < 4; k++) {
      const grain = ((word >>> (8 * k)) & 255) / 127.5 - 1;
      const value = ink * (image[i + k] as number) + noise * grain;
      pixels[i + k] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
    }
  }
};

/**
 * Digits drawn by this function, in the form of MNIST: 28x28 pixels, one channel, white ink on black, with random strokes, slant, thickness,
 * position and noise. They need no file and are the same on every machine. A linear model gets 80 to 90 % of them right, a small
 * convolutional network more than 97 %.
 *
 * @throws ArgumentError for a count or seed that is none.
 * @example const train = syntheticDigits({ count: 10000, seed: 1 })
 */
export const syntheticDigits = ({ count, seed = 0, dtype = "float32" }: SyntheticOptions): LabeledImages => {
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 20) {
    throw new ArgumentError("syntheticDigits", `draws 1 to ${2 ** 20} images, got ${count}`);
  }
  const size = side * side;
  const pixels = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let ten = 0; ten < count; ten += 10) {
    const order = shuffled(10, random(seed, 2 ** 31 + ten));
    for (let i = ten; i < Math.min(ten + 10, count); i++) {
      labels[i] = order[i - ten] as number;
      draw(labels[i] as number, random(seed, i), pixels.subarray(i * size, (i + 1) * size));
    }
  }
  const source = { folder: "syntheticDigits", files: [], missing: [] };
  return labeledImages(pixels, [count, side, side, 1], labels, classes, source, dtype);
};
