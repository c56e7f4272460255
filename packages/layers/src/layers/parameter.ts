import type { CreateOptions, Shape } from "@gradloom/tensor";
import { ArgumentError, uniform, Variable } from "@gradloom/tensor";
import { fans } from "../initializers/fans.ts";
import type { Initializer } from "../initializers/initializer.ts";
import { kaimingUniform } from "../initializers/scaled.ts";

/** What layers with a weight and a bias let you choose. */
export interface WeightOptions extends CreateOptions {
  /** Whether something is added to the result; true by default. */
  readonly bias?: boolean;
  readonly weightInitializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/** A trainable variable on the layer's device, of its element type. */
export const parameter = (
  name: string,
  initializer: Initializer,
  shape: Shape,
  options: CreateOptions,
  trainable = true,
): Variable => new Variable(initializer(shape, creation(options)), { name, trainable });

/** Only what says how to create a tensor. */
export const creation = ({ dtype, device }: CreateOptions): CreateOptions => ({
  ...(dtype === undefined ? {} : { dtype }),
  ...(device === undefined ? {} : { device }),
});

/** PyTorch's default for weights: U(-b, b) with `b = 1 / sqrt(fanIn)`. */
export const defaultWeight: Initializer = (shape, options) =>
  kaimingUniform(shape, { ...options, slope: Math.sqrt(5) });

/** PyTorch's default for biases: U(-b, b) with `b = 1 / sqrt(fanIn)` of the weight. */
export const defaultBias =
  (weight: Shape): Initializer =>
  (shape, options) => {
    const bound = 1 / Math.sqrt(fans(weight).fanIn);
    return uniform(shape, { ...options, low: -bound, high: bound });
  };

/** Refuses what is no whole number >= `least`. */
export const requireCount = (layer: string, what: string, n: number, least = 1): void => {
  if (!Number.isInteger(n) || n < least) {
    throw new ArgumentError(layer, `${what} is a whole number >= ${least}, got ${n}`);
  }
};
