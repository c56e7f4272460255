import type { AnyModule } from "@gradloom/layers";
import { Module } from "@gradloom/layers";
import type { Tensor } from "@gradloom/tensor";
import { ArgumentError } from "@gradloom/tensor";

/**
 * Gives back its input, and keeps a penalty on it for the loss: `activityPenalty(model)` adds them up. As in Keras, the penalty is divided
 * by the batch size (first dimension).
 *
 * @param penalty For example `(x) => l1Penalty(x, 1e-4)`.
 * @example new Sequential(new Linear(784, 128), relu, new ActivityPenalty((x) => l1Penalty(x, 1e-4)))
 */
export class ActivityPenalty extends Module {
  static override readonly name: string = "ActivityPenalty";
  readonly #penalty: (x: Tensor) => Tensor;
  #terms: Tensor[] = [];

  constructor(penalty: (x: Tensor) => Tensor) {
    super();
    this.#penalty = penalty;
  }

  forward(x: Tensor): Tensor {
    if (this.training) this.#terms.push(this.#penalty(x).div(x.shape[0] ?? 1));
    return x;
  }

  /** The penalties of all calls since the last time. @internal */
  take(): Tensor[] {
    const terms = this.#terms;
    this.#terms = [];
    return terms;
  }
}

/**
 * The sum of the penalties that `ActivityPenalty` layers in a model have kept since it was last asked for, of rank 0, to be added to a
 * loss.
 *
 * @throws ArgumentError when there are none: the model was not called in training.
 * @example const y = model.call(x); optimizer.minimize(lossOf(y).add(activityPenalty(model)));
 */
export const activityPenalty = (model: AnyModule): Tensor => {
  const layers = model.modules().filter((module): module is ActivityPenalty => module instanceof ActivityPenalty);
  const terms = layers.flatMap((layer) => layer.take());
  if (terms.length === 0) {
    throw new ArgumentError(
      "activityPenalty",
      `the model has ${layers.length} ActivityPenalty layers, and none was called in training`,
      "call the model first",
    );
  }
  return terms.reduce((sum, term) => sum.add(term));
};
