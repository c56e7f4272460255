import type { DType, Shape } from "@gradloom/backend";
import { ArgumentError, checkShape, DTypeError, formatShape, isFloat, ShapeError } from "@gradloom/backend";
import type { CreateOptions } from "./create.ts";
import { shiftRight } from "./ops/bitwise.ts";
import { clamp } from "./ops/clamp.ts";
import { erf, erfinv } from "./ops/errorFunction.ts";
import type { TensorLike } from "./ops/operands.ts";
import { randomBits } from "./ops/randomBits.ts";
import { remainder } from "./ops/rounding.ts";
import { argsort, topK } from "./ops/sort.ts";
import { where } from "./ops/where.ts";
import { sourceOf } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/** What random functions let you choose. */
export interface RandomOptions extends CreateOptions {
  /** From `randomKey` or `splitKey`: the same key gives the same numbers. The device's default generator when left out. */
  readonly key?: Tensor | undefined;
}

const source = (op: string, shape: Shape, { key, device }: RandomOptions) => {
  checkShape(op, shape);
  return sourceOf(op, key, device);
};

const floatType = (op: string, { dtype = "float32" }: RandomOptions): DType => {
  if (!isFloat(dtype)) throw new DTypeError(op, `gives floats, got dtype ${dtype}`, "use randint, or cast(...)");
  return dtype;
};

/** Bits of a uniform number, so many that it is exact in the type. */
const precision: Readonly<Partial<Record<DType, number>>> = { float16: 11, bfloat16: 8 };

/**
 * Whole numbers from 0 to 2^bits - 1 in a type that holds them, and their number of bits: 24 (53 of float64) or as many as the
 * element type has, less `fewer`.
 */
const wholeNumbers = (
  op: string,
  shape: Shape,
  options: RandomOptions,
  fewer: number,
): { whole: Tensor; bits: number; dtype: DType } => {
  const dtype = floatType(op, options);
  const from = source(op, shape, options);
  const words = randomBits(from, shape);
  if (dtype === "float64") {
    const high = shiftRight(words, 11 + fewer).cast("float64");
    const low = randomBits(from, shape, 1).cast("float64");
    return { whole: high.mul(high.constant(2 ** 32)).add(low), bits: 53 - fewer, dtype };
  }
  const bits = (precision[dtype] ?? 24) - fewer;
  return { whole: shiftRight(words, 32 - bits).cast("float32"), bits, dtype };
};

/** Uniform numbers in [0, 1), all multiples of 2^-bits. */
const unit = (op: string, shape: Shape, options: RandomOptions): Tensor => {
  const { whole, bits } = wholeNumbers(op, shape, options, 0);
  return whole.mul(whole.constant(2 ** -bits));
};

/** Uniform numbers in (0, 1), midpoints of 2^bits cells. */
const open = (op: string, shape: Shape, options: RandomOptions): Tensor => {
  const { whole, bits } = wholeNumbers(op, shape, options, 1);
  return whole.mul(whole.constant(2 ** -bits)).add(whole.constant(2 ** (-bits - 1)));
};

/**
 * Uniform random numbers in [low, high); by default in [0, 1), multiples of 2^-24.
 *
 * @throws ArgumentError unless `low < high`; DTypeError for integer types.
 * @example uniform([2, 3], { low: -1, high: 1 })
 */
export const uniform = (
  shape: Shape,
  options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor => {
  const { low = 0, high = 1 } = options;
  if (!(low < high)) throw new ArgumentError("uniform", `needs low < high, got ${low} and ${high}`);
  const u = unit("uniform", shape, options);
  const dtype = floatType("uniform", options);
  if (low === 0 && high === 1) return u.cast(dtype);
  const x = u
    .mul(high - low)
    .add(low)
    .cast(dtype);
  // Rounding may reach the upper bound.
  return where(x.less(high), x, low);
};

/** The options with a type in which formulas are calculated: narrow floats are rounded at the end. */
const wide = (op: string, options: RandomOptions): RandomOptions => ({
  ...options,
  dtype: floatType(op, options) === "float64" ? "float64" : "float32",
});

/**
 * Normal random numbers `mean + std * sqrt(2) erfinv(u)` of uniform `u` in (-1, 1).
 *
 * @throws ArgumentError for a negative std; DTypeError for integer types.
 * @example normal([784, 10], { std: 0.02 })
 */
export const normal = (
  shape: Shape,
  options: RandomOptions & { readonly mean?: number; readonly std?: number } = {},
): Tensor => {
  const { mean = 0, std = 1 } = options;
  if (!(std >= 0)) throw new ArgumentError("normal", `std is a number >= 0, got ${std}`);
  const u = open("normal", shape, wide("normal", options));
  const standard = erfinv(u.mul(u.constant(2)).sub(u.constant(1))).mul(u.constant(Math.SQRT2));
  const scaled = std === 1 ? standard : standard.mul(std);
  return (mean === 0 ? scaled : scaled.add(mean)).cast(floatType("normal", options));
};

/**
 * Normal random numbers of which only those between `low` and `high` are taken; the bounds count standard deviations from the mean
 * (-2 and 2 by default).
 *
 * @throws ArgumentError unless `low < high`, for a negative std; DTypeError for integer types.
 * @example truncatedNormal([784, 10], { std: 0.02 }) // all within [-0.04, 0.04]
 */
export const truncatedNormal = (
  shape: Shape,
  options: RandomOptions & {
    readonly mean?: number;
    readonly std?: number;
    readonly low?: number;
    readonly high?: number;
  } = {},
): Tensor => {
  const op = "truncatedNormal";
  const { mean = 0, std = 1, low = -2, high = 2 } = options;
  if (!(low < high)) throw new ArgumentError(op, `needs low < high, got ${low} and ${high}`);
  if (!(std >= 0)) throw new ArgumentError(op, `std is a number >= 0, got ${std}`);
  const u = open(op, shape, wide(op, options));
  const from = erf(u.scalar(low * Math.SQRT1_2));
  const to = erf(u.scalar(high * Math.SQRT1_2));
  const standard = erfinv(from.add(u.mul(to.sub(from)))).mul(u.constant(Math.SQRT2));
  return clamp(standard, low, high).mul(std).add(mean).cast(floatType(op, options));
};

/**
 * Exponential random numbers with the given rate: `-log(u) / rate`.
 *
 * @throws ArgumentError for a rate that is not above 0; DTypeError for integer types.
 */
export const exponential = (shape: Shape, options: RandomOptions & { readonly rate?: number } = {}): Tensor => {
  const { rate = 1 } = options;
  if (!(rate > 0)) throw new ArgumentError("exponential", `the rate is a number above 0, got ${rate}`);
  const u = open("exponential", shape, wide("exponential", options));
  return u.log().neg().div(rate).cast(floatType("exponential", options));
};

/**
 * Standard Gumbel random numbers `-log(-log(u))`: the largest of `logits + gumbel` is a draw from `softmax(logits)`.
 *
 * @throws DTypeError for integer types.
 */
export const gumbel = (shape: Shape, options: RandomOptions = {}): Tensor => {
  const u = open("gumbel", shape, wide("gumbel", options));
  return u.log().neg().log().neg().cast(floatType("gumbel", options));
};

/**
 * Random whole numbers in [low, high), int32 unless `dtype` says otherwise. A number's probability is off by at most
 * `(high - low) / 2^32` of itself.
 *
 * @throws ArgumentError unless the bounds are whole numbers in the range of int32 with `low < high`.
 * @example randint([5], 1, 7) // five dice
 */
export const randint = (shape: Shape, low: number, high: number, options: RandomOptions = {}): Tensor => {
  const op = "randint";
  const fits = Number.isInteger(low) && Number.isInteger(high) && low < high && low >= -(2 ** 31) && high <= 2 ** 31;
  if (!fits || high - low > maxRange) {
    throw new ArgumentError(op, `needs whole numbers low < high of the int32 range, got ${low} and ${high}`);
  }
  const { dtype = "int32" } = options;
  if (dtype === "bool") throw new DTypeError(op, "gives numbers, got dtype bool", "use bernoulli");
  const words = randomBits(source(op, shape, options), shape);
  const offset = remainder(words, words.scalar(high - low)).cast("int32");
  return offset.add(low).cast(dtype);
};

const maxRange = 2 ** 31 - 1;

/**
 * True with probability `p` (a number, or a tensor that broadcasts to `shape`), as bool unless `dtype` says otherwise.
 *
 * @throws ArgumentError for a number outside [0, 1]; ShapeError when `p` does not broadcast.
 * @example bernoulli([3], 0.9)
 */
export const bernoulli = (shape: Shape, p: TensorLike, options: RandomOptions = {}): Tensor => {
  if (typeof p === "number" && !(p >= 0 && p <= 1)) {
    throw new ArgumentError("bernoulli", `a probability lies in [0, 1], got ${p}`);
  }
  const u = unit("bernoulli", shape, { ...options, dtype: "float32" });
  const chance = typeof p === "object" ? p.cast("float32").broadcastTo(shape) : p;
  return u.less(chance).cast(options.dtype ?? "bool");
};

/**
 * What inverted dropout multiplies by: 0 with probability `rate`, else `1 / (1 - rate)`, so that the mean is 1.
 *
 * @throws ArgumentError for a rate outside [0, 1].
 * @example mul(x, dropoutMask(x.shape, 0.5))
 */
export const dropoutMask = (shape: Shape, rate: number, options: RandomOptions = {}): Tensor => {
  if (!(rate >= 0 && rate <= 1)) throw new ArgumentError("dropoutMask", `a rate lies in [0, 1], got ${rate}`);
  const dtype = floatType("dropoutMask", options);
  const keep = unit("dropoutMask", shape, { ...options, dtype: "float32" }).greaterEqual(rate);
  return where(keep, keep.scalar(rate === 1 ? 0 : 1 / (1 - rate), dtype), keep.constant(0, dtype));
};

/**
 * Draws from the categories along the last axis with probabilities `softmax(logits)`: positions as int32. `count` draws per
 * distribution become a new last axis; without replacement all of them differ.
 *
 * @throws ShapeError at rank 0 or without categories; ArgumentError for more draws without replacement than categories.
 * @example categorical(tensor([0, 0, 5]), { count: 4 }) // mostly [2, 2, 2, 2]
 */
export const categorical = (
  logits: Tensor,
  options: { readonly count?: number; readonly replacement?: boolean; readonly key?: Tensor | undefined } = {},
): Tensor => {
  const op = "categorical";
  const { count, replacement = true, key } = options;
  const classes = logits.shape.at(-1) ?? 0;
  if (classes === 0) {
    throw new ShapeError(op, `needs at least one category along the last axis, got ${formatShape(logits.shape)}`);
  }
  if (count !== undefined && (!Number.isInteger(count) || count < 0)) {
    throw new ArgumentError(op, `the count is a whole number >= 0, got ${count}`);
  }
  const noise = { key, device: logits.device, dtype: logits.dtype === "float64" ? "float64" : "float32" } as const;
  const scores = logits.cast(noise.dtype);
  if (!replacement) {
    const drawn = count ?? 1;
    if (drawn > classes) throw new ArgumentError(op, `cannot draw ${drawn} of ${classes} without replacement`);
    return topK(scores.add(gumbel(scores.shape, noise)), drawn).indices;
  }
  if (count === undefined) return scores.add(gumbel(scores.shape, noise)).argmax(-1);
  const many = [...scores.shape.slice(0, -1), count, classes];
  return scores.unsqueeze(-2).add(gumbel(many, noise)).argmax(-1);
};

/**
 * 0, 1, ..., n - 1 in random order, as int32.
 *
 * @throws ArgumentError when n is not a whole number >= 0.
 * @example take(x, permutation(x.shape[0]))
 */
export const permutation = (n: number, options: RandomOptions = {}): Tensor => {
  const keys = randomBits(source("permutation", [n], options), [n]);
  return argsort(keys).cast(options.dtype ?? "int32");
};
