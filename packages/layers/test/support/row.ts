import type { AnyModule, Reduction } from "@gradloom/layers";
import type { CreateOptions, Shape, Tensor } from "@gradloom/tensor";

/** What is known of one layer. */
export interface LayerRow {
  /** Further cases with this layer, as rows of their own. */
  readonly cases?: Readonly<Record<string, LayerRow>>;
  make(options: CreateOptions): AnyModule;
  readonly parameters: Readonly<Record<string, Shape>>;
  readonly buffers?: Readonly<Record<string, Shape>>;
  readonly output: Shape;
  /** Whether it behaves otherwise in evaluation. */
  readonly differs?: boolean;
  /** Whether its training output is random: then the reference holds that of evaluation. */
  readonly random?: boolean;
  /** Something that is refused, and the words. */
  readonly bad: () => unknown;
  readonly message: string;
}

/** What is known of one loss. */
export interface LossRow {
  /** The loss with the options of the stored case; inputs are in its order. */
  apply(inputs: readonly Tensor[], reduction: Reduction): Tensor;
  /** Further stored cases, with other options. */
  readonly cases: Readonly<Record<string, LossRow["apply"]>>;
  /** Something that is refused, and the words. */
  readonly bad: () => unknown;
  readonly message: string;
}
