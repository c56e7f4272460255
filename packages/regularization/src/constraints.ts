import type { Axes, Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, assign, maximum, minimum, where } from "@gradloom/tensor";

/** The nearest weights that are allowed. */
export type Constraint = (w: Tensor) => Tensor;

/** Keeps divisors from 0, as Keras does. */
const epsilon = 1e-7;

/** The Euclidean length of the weights that lead to each output: over all axes but the last, or over the only one. */
const lengths = (w: Tensor, axes?: Axes): Tensor => {
  const own = w.shape.map((_, d) => d).slice(0, Math.max(1, w.rank - 1));
  return w
    .square()
    .sum(axes ?? own, true)
    .sqrt();
};

/**
 * Shortens the weights that lead to each output to the length `limit` where they are longer (Srivastava et al., "Dropout", 2014). Of the
 * weights [in, out] of a linear layer and [height, width, in, out] of a convolution these are all axes but the last.
 *
 * @throws ArgumentError for a limit below 0.
 */
export const maxNorm = (w: Tensor, limit = 2, axes?: Axes): Tensor => {
  if (!(limit >= 0)) throw new ArgumentError("maxNorm", `the limit is a number >= 0, got ${limit}`);
  const length = lengths(w, axes);
  return w.mul(minimum(length, limit).div(length.add(epsilon)));
};

/**
 * Brings the length of the weights that lead to each output between `low` and `high`, all the way for a `rate` of 1.
 *
 * @throws ArgumentError unless `0 <= low <= high` and the rate lies in (0, 1].
 */
export const minMaxNorm = (w: Tensor, low = 0, high = 1, rate = 1, axes?: Axes): Tensor => {
  if (!(low >= 0 && low <= high)) {
    throw new ArgumentError("minMaxNorm", `needs 0 <= low <= high, got ${low} and ${high}`);
  }
  if (!(rate > 0 && rate <= 1)) throw new ArgumentError("minMaxNorm", `the rate lies in (0, 1], got ${rate}`);
  const length = lengths(w, axes);
  const wanted = maximum(minimum(length, high), low)
    .mul(rate)
    .add(length.mul(1 - rate));
  return w.mul(wanted.div(length.add(epsilon)));
};

/** Brings the weights that lead to each output to length 1. */
export const unitNorm = (w: Tensor, axes?: Axes): Tensor => w.div(lengths(w, axes).add(epsilon));

/** Sets negative weights to 0. */
export const nonNegative = (w: Tensor): Tensor => where(w.less(0), w.constant(0), w);

/**
 * Makes variables fulfil a constraint now, with the next evaluation: to be called after an optimizer's step.
 *
 * @example constrain([layer.weight], (w) => maxNorm(w, 3))
 */
export const constrain = (variables: Iterable<Variable>, constraint: Constraint): void => {
  assign([...variables].map((variable) => [variable, constraint(variable.value)]));
};

/** A variable and its new value, as optimizers have them. */
type Assignment = readonly [variable: Variable, value: Tensor];

/**
 * Makes variables fulfil a constraint within each step of an optimizer, in the step's evaluation: one of its `transforms`.
 *
 * @example new Adam(parameters, { transforms: [constrained([layer.weight], nonNegative)] })
 */
export const constrained = (variables: Iterable<Variable>, constraint: Constraint) => {
  const chosen = new Set(variables);
  return (gradients: readonly Tensor[], next: (gradients: readonly Tensor[]) => Assignment[]): Assignment[] =>
    next(gradients).map(([variable, value]) => [variable, chosen.has(variable) ? constraint(value) : value]);
};
