import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, clamp, minimum } from "@gradloom/tensor";

const checkLimit = (op: string, limit: number): void => {
  if (!(limit > 0)) throw new ArgumentError(op, `the limit is a number > 0, got ${limit}`);
};

/** What PyTorch adds to a norm before dividing by it. */
const epsilon = 1e-6;

/**
 * Gradients with every element between -limit and limit.
 *
 * @throws ArgumentError for a limit that is not above 0.
 * @example new SGD(parameters, { transforms: [(g, next) => next(clipByValue(g, 0.5))] })
 */
export const clipByValue = (gradients: readonly Tensor[], limit: number): Tensor[] => {
  checkLimit("clipByValue", limit);
  return gradients.map((g) => clamp(g, -limit, limit));
};

const shrink = (norm: Tensor, limit: number): Tensor => minimum(norm.add(epsilon).reciprocal().mul(limit), 1);

/**
 * Gradients of which none has a Euclidean norm above the limit: `g min(1, limit / (|g| + 1e-6))`, each by itself.
 *
 * @throws ArgumentError for a limit that is not above 0.
 */
export const clipByNorm = (gradients: readonly Tensor[], limit: number): Tensor[] => {
  checkLimit("clipByNorm", limit);
  return gradients.map((g) => g.mul(shrink(g.square().sum().sqrt(), limit).cast(g.dtype)));
};

/**
 * The Euclidean norm of all gradients taken as one vector, of rank 0: float64 where a gradient is, else float32.
 *
 * @throws ArgumentError without gradients.
 */
export const globalNorm = (gradients: readonly Tensor[]): Tensor => {
  if (gradients.length === 0) throw new ArgumentError("globalNorm", "needs at least one gradient");
  const dtype = gradients.some((g) => g.dtype === "float64") ? "float64" : "float32";
  const squares = gradients.map((g) => g.cast(dtype).square().sum());
  return squares.reduce((sum, x) => sum.add(x)).sqrt();
};

/**
 * Gradients whose norm as one vector is at most the limit: each is multiplied by `min(1, limit / (norm + 1e-6))`, as PyTorch's
 * `clip_grad_norm_` does.
 *
 * @throws ArgumentError for a limit that is not above 0.
 * @example new AdamW(parameters, { transforms: [(g, next) => next(clipByGlobalNorm(g, 1))] })
 */
export const clipByGlobalNorm = (gradients: readonly Tensor[], limit: number): Tensor[] => {
  checkLimit("clipByGlobalNorm", limit);
  if (gradients.length === 0) return [];
  const scale = shrink(globalNorm(gradients), limit);
  return gradients.map((g) => g.mul(scale.cast(g.dtype)));
};
