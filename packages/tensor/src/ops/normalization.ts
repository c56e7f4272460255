import { normalizeAxes } from "@gradloom/backend";
import { withGradient } from "../graph/ruled.ts";
import type { Tensor } from "../tensor.ts";
import { toFloat } from "./operands.ts";
import type { Axes } from "./reduction.ts";

/** A tensor brought to mean 0 and variance 1, and what it was brought there with (axes kept as size 1). */
export interface Standardized {
  readonly value: Tensor;
  readonly mean: Tensor;
  /** Mean square deviation, without Bessel's correction. */
  readonly variance: Tensor;
}

/**
 * `y = (x - mean) / sqrt(variance + epsilon)` over `axes`: the core of batch, layer, group and instance normalisation. The gradient
 * `(g - mean(g) - y mean(g y)) / sqrt(variance + epsilon)` needs y and the deviation only (Ioffe and Szegedy, 2015).
 *
 * @throws ShapeError for axes out of range.
 * @example standardize(tensor([[1, 3]]), -1).value // [[-1, 1]] but for epsilon
 */
export const standardize = (x: Tensor, axes: Axes, epsilon = 1e-5): Standardized => {
  const input = toFloat(x);
  const over = normalizeAxes("standardize", axes, input.rank);
  const mean = input.mean(over, true);
  const centered = input.sub(mean);
  const variance = centered.square().mean(over, true);
  const scale = variance.add(input.constant(epsilon)).sqrt().reciprocal();
  const value = withGradient(centered.mul(scale), [input], (g, y) => {
    const along = g.mul(y).mean(over, true);
    return [g.sub(g.mean(over, true)).sub(y.mul(along)).mul(scale)];
  });
  return { value, mean, variance };
};
