import type { Tensor, Variable } from "@gradloom/tensor";

/** A variable and its new value. */
export type Assignment = readonly [variable: Variable, value: Tensor];

/** The rest of the way from gradients to assignments. */
export type NextUpdates = (gradients: readonly Tensor[]) => Assignment[];

/** Wraps the way from gradients to assignments: changes the gradients before `next`, the assignments after it, or both. */
export type TransformFunction = (gradients: readonly Tensor[], next: NextUpdates) => Assignment[];

/** A wrapper with variables of its own, which the optimizer saves and loads with its state. */
export interface StatefulTransform {
  readonly updates: TransformFunction;
  /** The variables by name. */
  state(): Record<string, Variable>;
}

/**
 * What happens between gradients and assignments.
 *
 * @example new Adam(parameters, { transforms: [(gradients, next) => next(clipByGlobalNorm(gradients, 1))] })
 */
export type Transform = TransformFunction | StatefulTransform;

/** Runs gradients through transforms, the first one outermost. */
export const through = (
  transforms: readonly Transform[],
  gradients: readonly Tensor[],
  next: NextUpdates,
): Assignment[] =>
  transforms.reduceRight<NextUpdates>(
    (inner, transform) => (list) =>
      typeof transform === "function" ? transform(list, inner) : transform.updates(list, inner),
    next,
  )(gradients);

/** The value that a variable is given, or its present one. */
export const valueIn = (assignments: readonly Assignment[]): ((variable: Variable) => Tensor) => {
  const values = new Map(assignments);
  return (variable) => values.get(variable) ?? variable.value;
};
