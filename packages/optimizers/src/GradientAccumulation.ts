import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, Variable, where, zeros, zerosLike } from "@gradloom/tensor";
import { count } from "./settings.ts";
import type { Assignment, NextUpdates, StatefulTransform } from "./Transform.ts";

/**
 * Adds up the gradients of several small batches and lets the optimizer take one step with their mean: the step of one large batch when
 * the loss is a mean over its batch. Steps in between change nothing but the sums, on the device, so this works in compiled steps too.
 *
 * @throws ArgumentError unless `steps` is a whole number >= 1.
 * @example new Adam(parameters, { transforms: [new GradientAccumulation(parameters, 4)] })
 */
export class GradientAccumulation implements StatefulTransform {
  readonly steps: number;
  /** Gradients added since the last step of the optimizer, int32 of rank 0. */
  readonly #taken: Variable;
  readonly #sums: readonly Variable[];

  constructor(parameters: Iterable<Variable>, steps: number) {
    if (!count.holds(steps))
      throw new ArgumentError("GradientAccumulation", `steps must be ${count.text}, got ${steps}`);
    const list = [...parameters];
    if (list.length === 0) throw new ArgumentError("GradientAccumulation", "got no parameters");
    this.steps = steps;
    const { device } = list[0] as Variable;
    this.#taken = new Variable(zeros([], { dtype: "int32", device }), { name: "taken", trainable: false });
    this.#sums = list.map(
      ({ shape, dtype }, i) => new Variable(zeros(shape, { dtype, device }), { name: `sum.${i}`, trainable: false }),
    );
  }

  updates(gradients: readonly Tensor[], next: NextUpdates): Assignment[] {
    if (gradients.length !== this.#sums.length) {
      throw new ArgumentError(
        "GradientAccumulation",
        `was made for ${this.#sums.length} parameters, got ${gradients.length} gradients`,
      );
    }
    const taken = this.#taken.value.add(1);
    const last = taken.equal(this.steps);
    const sums = gradients.map((g, i) => (this.#sums[i] as Variable).value.add(g.mul(1 / this.steps)));
    const updates = next(sums).map(([variable, value]): Assignment => [variable, where(last, value, variable.value)]);
    const kept = sums.map((sum, i): Assignment => [this.#sums[i] as Variable, where(last, zerosLike(sum), sum)]);
    return [...updates, ...kept, [this.#taken, where(last, zerosLike(taken), taken)]];
  }

  state(): Record<string, Variable> {
    return { taken: this.#taken, ...Object.fromEntries(this.#sums.map((sum, i) => [`sum.${i}`, sum])) };
  }
}
