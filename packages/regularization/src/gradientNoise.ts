import type { Tensor, TensorLike } from "@gradloom/tensor";
import { ArgumentError, add, normal, pow, splitKey } from "@gradloom/tensor";
import type { NoiseOptions } from "./dropout.ts";

export interface GradientNoiseOptions extends NoiseOptions {
  /** Variance of the first step's noise; the paper uses 0.01, 0.3 and 1. */
  readonly eta?: number;
  /** How fast the noise falls. */
  readonly gamma?: number;
}

/**
 * Adds normal noise of variance `eta / (1 + step)^gamma` to gradients (Neelakantan et al., "Adding gradient noise improves learning for
 * very deep networks", 2015).
 *
 * @param step Steps taken so far: a number, or a tensor of rank 0 such as `optimizer.steps.value`, which advances in compiled steps.
 * @throws ArgumentError for eta or gamma below 0.
 * @example optimizer.apply(gradientNoise(gradients(loss, optimizer.parameters), optimizer.steps.value))
 */
export const gradientNoise = (
  gradients: readonly Tensor[],
  step: TensorLike,
  { eta = 0.3, gamma = 0.55, key }: GradientNoiseOptions = {},
): Tensor[] => {
  for (const [name, value] of Object.entries({ eta, gamma })) {
    if (!(value >= 0)) throw new ArgumentError("gradientNoise", `${name} is a number >= 0, got ${value}`);
  }
  const keys = key === undefined || gradients.length === 0 ? undefined : splitKey(key, gradients.length);
  return gradients.map((g, i) => {
    const taken = typeof step === "object" ? step.cast(g.dtype) : g.scalar(Number(step));
    const std = pow(add(taken, 1), -gamma / 2).mul(Math.sqrt(eta));
    const noise = normal(g.shape, { key: keys?.slice([i]), dtype: g.dtype, device: g.device });
    return g.add(noise.mul(std));
  });
};
