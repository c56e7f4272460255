import type { Assignment } from "@gradloom/optimizers";
import type { Tensor, Variable } from "@gradloom/tensor";

/** What training needs of an optimizer; those of `@gradloom/optimizers` have it, whatever their settings. */
export interface Updater {
  readonly parameters: readonly Variable[];
  learningRate: number;
  /** What a step with these gradients assigns. */
  updates(gradients: readonly Tensor[]): Assignment[];
}
