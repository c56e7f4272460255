import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, bernoulli, dropoutMask, formatShape, normal, ShapeError, where } from "@gradloom/tensor";

/** What random regularizers let you choose. */
export interface NoiseOptions {
  /** From `randomKey` or `splitKey`: the same key gives the same noise. The device's default generator when left out. */
  readonly key?: Tensor | undefined;
}

export const checkRate = (op: string, rate: number): void => {
  if (!(rate >= 0 && rate <= 1)) throw new ArgumentError(op, `the rate lies in [0, 1], got ${rate}`);
};

/** `x` times a mask of `shape`, which broadcasts to that of `x`, with mean 1. */
const masked = (x: Tensor, shape: readonly number[], rate: number, { key }: NoiseOptions): Tensor =>
  rate === 0 ? x : x.mul(dropoutMask(shape, rate, { key, dtype: x.dtype, device: x.device }));

/**
 * Sets elements to 0 with probability `rate` and multiplies the others by `1 / (1 - rate)`, so that the mean stays (Srivastava et al.,
 * "Dropout", 2014). Keep it to training: the `Dropout` layer does.
 *
 * @throws ArgumentError for a rate outside [0, 1].
 * @example dropout(x, 0.1)
 */
export const dropout = (x: Tensor, rate = 0.5, options: NoiseOptions = {}): Tensor => {
  checkRate("dropout", rate);
  return masked(x, x.shape, rate, options);
};

const spatial =
  (op: string, rank: number, form: string) =>
  (x: Tensor, rate = 0.5, options: NoiseOptions = {}): Tensor => {
    checkRate(op, rate);
    if (x.rank !== rank) throw new ShapeError(op, `takes ${form}, got ${formatShape(x.shape)}`);
    const shape = x.shape.map((n, d) => (d === 0 || d === rank - 1 ? n : 1));
    return masked(x, shape, rate, options);
  };

/**
 * Dropout of whole channels of x [batch, length, channels]: neighbours resemble each other, so dropping single elements would do little
 * (Tompson et al., 2015).
 *
 * @throws ArgumentError for a rate outside [0, 1]; ShapeError for another rank.
 */
export const spatialDropout1d = spatial("spatialDropout1d", 3, "[batch, length, channels]");

/** As `spatialDropout1d`, of x [batch, height, width, channels]. */
export const spatialDropout2d = spatial("spatialDropout2d", 4, "[batch, height, width, channels]");

/** As `spatialDropout1d`, of x [batch, depth, height, width, channels]. */
export const spatialDropout3d = spatial("spatialDropout3d", 5, "[batch, depth, height, width, channels]");

/** What SELU gives for -Infinity: -scale alpha. */
const seluFloor = -1.0507009873554805 * 1.6732632423543772;

/**
 * Dropout for SELU networks: dropped elements get SELU's lower limit, then all are scaled and shifted so that mean 0 and variance 1 stay
 * (Klambauer et al., "Self-normalizing neural networks", 2017).
 *
 * @throws ArgumentError for a rate outside [0, 1).
 * @example alphaDropout(selu(x), 0.1)
 */
export const alphaDropout = (x: Tensor, rate = 0.5, { key }: NoiseOptions = {}): Tensor => {
  if (!(rate >= 0 && rate < 1)) throw new ArgumentError("alphaDropout", `the rate lies in [0, 1), got ${rate}`);
  if (rate === 0) return x;
  const keep = bernoulli(x.shape, 1 - rate, { key, device: x.device });
  const scale = ((1 - rate) * (1 + rate * seluFloor ** 2)) ** -0.5;
  const shift = -scale * rate * seluFloor;
  return where(keep, x, seluFloor).mul(scale).add(shift);
};

/**
 * Stochastic depth: sets whole samples (first dimension) of a residual branch to 0 and multiplies the others by `1 / (1 - rate)`, or
 * the whole batch with `mode: "batch"` (Huang et al., "Deep networks with stochastic depth", 2016).
 *
 * @throws ArgumentError for a rate outside [0, 1]; ShapeError at rank 0.
 * @example x.add(dropPath(branch(x), 0.1))
 */
export const dropPath = (
  x: Tensor,
  rate = 0.5,
  { mode = "sample", ...options }: NoiseOptions & { readonly mode?: "sample" | "batch" } = {},
): Tensor => {
  checkRate("dropPath", rate);
  if (x.rank === 0) throw new ShapeError("dropPath", "takes [batch, ...], got []");
  return masked(
    x,
    x.shape.map((n, d) => (d === 0 && mode === "sample" ? n : 1)),
    rate,
    options,
  );
};

/**
 * Dropout of weights in place of activations, to be used in the layer's formula (Wan et al., "Regularization of neural networks using
 * DropConnect", 2013).
 *
 * @throws ArgumentError for a rate outside [0, 1].
 * @example x.matmul(dropConnect(w.value, 0.2))
 */
export const dropConnect = (w: Tensor, rate = 0.5, options: NoiseOptions = {}): Tensor => {
  checkRate("dropConnect", rate);
  return masked(w, w.shape, rate, options);
};

const gaussian = (x: Tensor, mean: number, std: number, { key }: NoiseOptions): Tensor =>
  normal(x.shape, { mean, std, key, dtype: x.dtype, device: x.device });

/**
 * Adds normal noise of mean 0.
 *
 * @throws ArgumentError for a negative std.
 * @example gaussianNoise(x, 0.1)
 */
export const gaussianNoise = (x: Tensor, std = 1, options: NoiseOptions = {}): Tensor => {
  if (!(std >= 0)) throw new ArgumentError("gaussianNoise", `std is a number >= 0, got ${std}`);
  return std === 0 ? x : x.add(gaussian(x, 0, std, options));
};

/**
 * Multiplies by normal noise of mean 1 and standard deviation `sqrt(rate / (1 - rate))`, which is dropout's (Srivastava et al., 2014).
 *
 * @throws ArgumentError for a rate outside [0, 1).
 */
export const gaussianDropout = (x: Tensor, rate = 0.5, options: NoiseOptions = {}): Tensor => {
  if (!(rate >= 0 && rate < 1)) throw new ArgumentError("gaussianDropout", `the rate lies in [0, 1), got ${rate}`);
  return rate === 0 ? x : x.mul(gaussian(x, 1, Math.sqrt(rate / (1 - rate)), options));
};
