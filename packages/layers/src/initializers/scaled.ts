import type { RandomOptions, Shape, Tensor } from "@gradloom/tensor";
import { ArgumentError, normal, truncatedNormal, uniform } from "@gradloom/tensor";
import { fans } from "./fans.ts";
import type { Nonlinearity } from "./gain.ts";
import { gain } from "./gain.ts";

export interface XavierOptions extends RandomOptions {
  /** A further factor, 1 by default. */
  readonly gain?: number;
}

export interface KaimingOptions extends RandomOptions {
  /** Whether the variance is kept forward ("fanIn", the default) or backward. */
  readonly mode?: "fanIn" | "fanOut";
  /** leakyRelu by default. */
  readonly nonlinearity?: Nonlinearity;
  /** Of leakyRelu, 0 by default: a plain relu. */
  readonly slope?: number;
}

/** Uniform numbers with mean 0 and the given standard deviation. */
const uniformOf = (shape: Shape, std: number, options: RandomOptions): Tensor =>
  uniform(shape, { ...options, low: -Math.sqrt(3) * std, high: Math.sqrt(3) * std });

const xavierDeviation = (op: string, shape: Shape, options: XavierOptions): number => {
  const { fanIn, fanOut } = fans(shape, op);
  return (options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut));
};

const kaimingDeviation = (op: string, shape: Shape, options: KaimingOptions): number => {
  const { mode = "fanIn", nonlinearity = "leakyRelu", slope = 0 } = options;
  if (mode !== "fanIn" && mode !== "fanOut") {
    throw new ArgumentError(op, `unknown mode "${String(mode)}"`, 'use "fanIn" or "fanOut"');
  }
  return gain(nonlinearity, slope) / Math.sqrt(fans(shape, op)[mode]);
};

/**
 * U(-b, b) with `b = gain sqrt(6 / (fanIn + fanOut))` (Glorot and Bengio, 2010).
 *
 * @throws ShapeError below rank 2.
 */
export const xavierUniform = (shape: Shape, options: XavierOptions = {}): Tensor =>
  uniformOf(shape, xavierDeviation("xavierUniform", shape, options), options);

/** N(0, s²) with `s = gain sqrt(2 / (fanIn + fanOut))`. As `xavierUniform`. */
export const xavierNormal = (shape: Shape, options: XavierOptions = {}): Tensor =>
  normal(shape, { ...options, std: xavierDeviation("xavierNormal", shape, options) });

/**
 * U(-b, b) with `b = gain sqrt(3 / fan)` (He et al., 2015).
 *
 * @throws ShapeError below rank 2; ArgumentError for an unknown mode or nonlinearity.
 * @example kaimingUniform([3, 3, 16, 32], { mode: "fanOut", nonlinearity: "relu" })
 */
export const kaimingUniform = (shape: Shape, options: KaimingOptions = {}): Tensor =>
  uniformOf(shape, kaimingDeviation("kaimingUniform", shape, options), options);

/** N(0, s²) with `s = gain / sqrt(fan)`. As `kaimingUniform`. */
export const kaimingNormal = (shape: Shape, options: KaimingOptions = {}): Tensor =>
  normal(shape, { ...options, std: kaimingDeviation("kaimingNormal", shape, options) });

/**
 * U(-b, b) with `b = sqrt(3 / fanIn)` (LeCun et al., 1998).
 *
 * @throws ShapeError below rank 2.
 */
export const lecunUniform = (shape: Shape, options: RandomOptions = {}): Tensor =>
  uniformOf(shape, Math.sqrt(1 / fans(shape, "lecunUniform").fanIn), options);

/** The standard deviation of a standard normal number between -2 and 2. */
const truncatedDeviation = 0.87962566103423978;

/** Normal numbers with standard deviation `sqrt(1 / fanIn)`, none beyond two of those before cutting, as in Keras. As `lecunUniform`. */
export const lecunNormal = (shape: Shape, options: RandomOptions = {}): Tensor =>
  truncatedNormal(shape, {
    ...options,
    std: Math.sqrt(1 / fans(shape, "lecunNormal").fanIn) / truncatedDeviation,
  });
