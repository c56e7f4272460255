import type { AnyModule } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";

/** A module from tensors to a tensor. */
export type Model = AnyModule;

export const callModel = (model: Model, inputs: readonly Tensor[]): Tensor =>
  (model as unknown as { call(...inputs: readonly Tensor[]): Tensor }).call(...inputs);

/** Switches a model between training and evaluation. Layers that the user had put into evaluation mode (to freeze them) stay there. */
export class Mode {
  readonly #model: Model;
  readonly #before: ReadonlyMap<AnyModule, boolean>;

  constructor(model: Model) {
    this.#model = model;
    this.#before = new Map(model.modules().map((module) => [module, module.training]));
  }

  train(): void {
    if (this.#before.get(this.#model) === true) this.restore();
    else this.#model.train();
  }

  evaluate(): void {
    this.#model.eval();
  }

  /** As it was found. */
  restore(): void {
    for (const [module, training] of this.#before) module.training = training;
  }
}
