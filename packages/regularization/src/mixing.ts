import type { Tensor } from "@gradloom/tensor";
import {
  ArgumentError,
  arange,
  clamp,
  exp,
  floor,
  formatShape,
  isFloat,
  log,
  normal,
  permutation,
  ShapeError,
  splitKey,
  take,
  takeAlongAxis,
  uniform,
} from "@gradloom/tensor";
import type { NoiseOptions } from "./dropout.ts";

/** A mixed batch, and how it was mixed: `loss = ratio lossOf(y) + (1 - ratio) lossOf(take(y, partners))` is the same for linear losses. */
export interface Mixed {
  readonly x: Tensor;
  readonly y: Tensor;
  /** The share of each sample's own targets, of rank 0. */
  readonly ratio: Tensor;
  /** The sample that each one is mixed with, int32 [batch]. */
  readonly partners: Tensor;
}

export interface MixOptions extends NoiseOptions {
  /** Shares are drawn from Beta(alpha, alpha): near 0 or 1 for a small alpha, near 1/2 for a large one. */
  readonly alpha?: number;
}

/** How many normal numbers are tried for one gamma number; each is refused in 1 of 20 cases at most. */
const tries = 16;

/** The logarithm of one Gamma(alpha, 1) number (Marsaglia & Tsang, "A simple method for generating gamma variables", 2000). */
const logGamma = (alpha: number, keys: readonly (Tensor | undefined)[], device: Tensor["device"]): Tensor => {
  const [k0, k1, k2] = keys;
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  const z = normal([tries], { key: k0, device });
  const root = z.mul(c).add(1);
  const v = clamp(root, 1e-30).pow(3);
  const logV = log(v);
  const logU = log(uniform([tries], { low: 2 ** -24, high: 1, key: k1, device }));
  const accepted = root.greater(0).logicalAnd(logU.less(z.square().mul(0.5).add(d).sub(v.mul(d)).add(logV.mul(d))));
  const first = accepted.argmax(0).reshape([1]);
  const value = takeAlongAxis(logV, first, 0).reshape([]).add(Math.log(d));
  if (alpha >= 1) return value;
  return value.add(log(uniform([], { low: 2 ** -24, high: 1, key: k2, device })).div(alpha));
};

/** One Beta(alpha, alpha) number. */
const beta = (alpha: number, key: Tensor | undefined, device: Tensor["device"]): Tensor => {
  const keys = key === undefined ? [] : rows(splitKey(key, 6), 6);
  const a = logGamma(alpha, keys.slice(0, 3), device);
  const b = logGamma(alpha, keys.slice(3), device);
  return exp(b.sub(a)).add(1).reciprocal();
};

const rows = (x: Tensor, n: number): Tensor[] => Array.from({ length: n }, (_, i) => x.slice([i]));

/** Checks a batch and draws what mixing needs. */
const prepare = (op: string, x: Tensor, y: Tensor, alpha: number, key: Tensor | undefined) => {
  if (!(alpha > 0)) throw new ArgumentError(op, `alpha is a number > 0, got ${alpha}`);
  const n = x.shape[0];
  if (n === undefined || y.shape[0] !== n) {
    throw new ShapeError(op, `x and y have one batch size, got ${formatShape(x.shape)} and ${formatShape(y.shape)}`);
  }
  if (!isFloat(y.dtype)) {
    throw new ArgumentError(op, `targets are mixed as floats, got ${y.dtype}`, "use oneHot(y, classes)");
  }
  const [ratioKey, orderKey, placeKey] = key === undefined ? [] : rows(splitKey(key, 3), 3);
  const ratio = beta(alpha, ratioKey, x.device);
  const partners = permutation(n, { key: orderKey, device: x.device });
  return { ratio, partners, placeKey };
};

/** `ratio x + (1 - ratio) take(x, partners)`. */
const blend = (x: Tensor, partners: Tensor, ratio: Tensor): Tensor => {
  const other = take(x, partners);
  return other.add(x.sub(other).mul(ratio.cast(x.dtype)));
};

/**
 * Mixes each sample and its target with those of another one, in shares drawn once per batch (Zhang et al., "mixup: beyond empirical
 * risk minimization", 2018).
 *
 * @param x Floats [batch, ...].
 * @param y Float targets [batch, ...], one-hot rows for classes.
 * @throws ArgumentError for an alpha that is not above 0 or targets that are no floats; ShapeError for different batch sizes.
 * @example const { x: mixed, y: targets } = mixup(x, oneHot(labels, 10), { alpha: 0.2 })
 */
export const mixup = (x: Tensor, y: Tensor, { alpha = 0.2, key }: MixOptions = {}): Mixed => {
  const { ratio, partners } = prepare("mixup", x, y, alpha, key);
  return { x: blend(x, partners, ratio), y: blend(y, partners, ratio), ratio, partners };
};

/**
 * Puts a rectangle of another image into each one, the same place and size for the whole batch, and mixes the targets by area (Yun et
 * al., "CutMix", 2019).
 *
 * @param x Images [batch, height, width, channels].
 * @param y Float targets [batch, ...], one-hot rows for classes.
 * @throws ArgumentError for an alpha that is not above 0 or targets that are no floats; ShapeError for other shapes.
 * @example const { x: mixed, y: targets } = cutmix(x, oneHot(labels, 10))
 */
export const cutmix = (x: Tensor, y: Tensor, { alpha = 1, key }: MixOptions = {}): Mixed => {
  if (x.rank !== 4) {
    throw new ShapeError("cutmix", `takes [batch, height, width, channels], got ${formatShape(x.shape)}`);
  }
  const { ratio, partners, placeKey } = prepare("cutmix", x, y, alpha, key);
  const [, height, width] = x.shape as [number, number, number, number];
  const cut = ratio.neg().add(1).sqrt();
  const centre = uniform([2], { key: placeKey, device: x.device });
  const side = (size: number, axis: number) => {
    const half = floor(floor(cut.mul(size)).mul(0.5));
    const middle = floor(centre.slice([axis]).mul(size));
    const low = clamp(middle.sub(half), 0, size);
    const high = clamp(middle.add(half), 0, size);
    const at = arange(size, undefined, 1, { device: x.device });
    return { inside: at.greaterEqual(low).logicalAnd(at.less(high)), length: high.sub(low) };
  };
  const [rows, columns] = [side(height, 0), side(width, 1)];
  const box = rows.inside.reshape([height, 1, 1]).logicalAnd(columns.inside.reshape([width, 1]));
  const share = rows.length
    .mul(columns.length)
    .mul(-1 / (height * width))
    .add(1);
  return { x: box.where(take(x, partners), x), y: blend(y, partners, share), ratio: share, partners };
};
