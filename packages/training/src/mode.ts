import type { AnyModule } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import type { PrecisionPolicy } from "./precisionPolicy.ts";

/** A module from tensors to a tensor. */
export type Model = AnyModule;

/** Runs a model, in the way of a policy where there is one. */
export const callModel = (model: Model, inputs: readonly Tensor[], { forward }: PrecisionPolicy = {}): Tensor =>
  forward === undefined
    ? (model as unknown as { call(...inputs: readonly Tensor[]): Tensor }).call(...inputs)
    : forward(model, inputs);

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
