import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, assign, Variable, where, zeros } from "@gradloom/tensor";
import { decayRate } from "./settings.ts";
import type { Assignment, NextUpdates, StatefulTransform } from "./Transform.ts";
import { valueIn } from "./Transform.ts";

/** The share of the new weights in the average, given how many were averaged before. */
type Share = (averaged: Tensor) => Tensor;

/** Averages of parameters over the steps of training. */
export class WeightAverage implements StatefulTransform {
  readonly parameters: readonly Variable[];
  /** The averages, in the order of the parameters. */
  readonly averages: readonly Variable[];
  readonly #averaged: Variable;
  readonly #share: Share;

  constructor(name: string, parameters: Iterable<Variable>, share: Share) {
    this.parameters = [...parameters];
    if (this.parameters.length === 0) throw new ArgumentError(name, "got no parameters");
    this.#share = share;
    const { device } = this.parameters[0] as Variable;
    this.#averaged = new Variable(zeros([], { dtype: "int32", device }), { name: "averaged", trainable: false });
    this.averages = this.parameters.map(
      ({ value }, i) => new Variable(value, { name: `average.${i}`, trainable: false }),
    );
  }

  /** Takes the present parameters into the averages: for averages over epochs, say. */
  update(): void {
    assign(this.#average((variable) => variable.value));
  }

  /** As a transform of an optimizer: takes in the parameters of every step, in the step's evaluation. */
  updates(gradients: readonly Tensor[], next: NextUpdates): Assignment[] {
    const updates = next(gradients);
    return [...updates, ...this.#average(valueIn(updates))];
  }

  /** Exchanges parameters and averages: once to evaluate the model with the averages, once more to train on. */
  swap(): void {
    assign(
      this.parameters.flatMap((p, i): Assignment[] => {
        const average = this.averages[i] as Variable;
        return [
          [p, average.value],
          [average, p.value],
        ];
      }),
    );
  }

  state(): Record<string, Variable> {
    return { averaged: this.#averaged, ...Object.fromEntries(this.averages.map((a, i) => [`average.${i}`, a])) };
  }

  #average(valueOf: (variable: Variable) => Tensor): Assignment[] {
    const averaged = this.#averaged.value;
    const averages = this.averages.map((average, i): Assignment => {
      const p = valueOf(this.parameters[i] as Variable);
      return [average, average.value.add(p.sub(average.value).mul(this.#share(averaged.cast(average.dtype))))];
    });
    return [...averages, [this.#averaged, averaged.add(1)]];
  }
}

/**
 * The exponential moving average of weights `a <- decay a + (1 - decay) p`; the first weights are taken over whole, as PyTorch's
 * `AveragedModel` does.
 *
 * @throws ArgumentError for a decay outside [0, 1).
 * @example const average = exponentialAverage(parameters, 0.999); new Adam(parameters, { transforms: [average] })
 */
export const exponentialAverage = (parameters: Iterable<Variable>, decay = 0.999): WeightAverage => {
  if (!decayRate.holds(decay)) {
    throw new ArgumentError("exponentialAverage", `decay must be ${decayRate.text}, got ${decay}`);
  }
  return new WeightAverage("exponentialAverage", parameters, (averaged) =>
    where(averaged.equal(0), averaged.constant(1), 1 - decay),
  );
};

/**
 * The mean of weights, for stochastic weight averaging (Izmailov et al., "Averaging weights leads to wider optima and better
 * generalization", 2018): call `update()` once per epoch near the end of training.
 *
 * @example const average = stochasticAverage(parameters); average.update(); average.swap();
 */
export const stochasticAverage = (parameters: Iterable<Variable>): WeightAverage =>
  new WeightAverage("stochasticAverage", parameters, (averaged) => averaged.add(1).reciprocal());
