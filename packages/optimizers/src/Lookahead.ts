import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, Variable, where, zeros, zerosLike } from "@gradloom/tensor";
import { count, fraction } from "./settings.ts";
import type { Assignment, NextUpdates, StatefulTransform } from "./Transform.ts";
import { valueIn } from "./Transform.ts";

export interface LookaheadOptions {
  /** Steps of the optimizer between two steps of the slow weights; 5 by default. */
  readonly steps?: number;
  /** How far the slow weights go towards the fast ones; 0.5 by default. */
  readonly alpha?: number;
}

/**
 * Lookahead (Zhang et al., "Lookahead optimizer: k steps forward, 1 step back", 2019): after every `steps` steps of the optimizer
 *
 *     slow <- slow + alpha (p - slow)
 *     p <- slow
 *
 * @throws ArgumentError for options out of range.
 * @example new Adam(parameters, { transforms: [new Lookahead(parameters, { steps: 5 })] })
 */
export class Lookahead implements StatefulTransform {
  readonly steps: number;
  readonly alpha: number;
  readonly #parameters: readonly Variable[];
  readonly #slow: readonly Variable[];
  readonly #taken: Variable;

  constructor(parameters: Iterable<Variable>, { steps = 5, alpha = 0.5 }: LookaheadOptions = {}) {
    if (!count.holds(steps)) throw new ArgumentError("Lookahead", `steps must be ${count.text}, got ${steps}`);
    if (!fraction.holds(alpha)) throw new ArgumentError("Lookahead", `alpha must be ${fraction.text}, got ${alpha}`);
    this.#parameters = [...parameters];
    if (this.#parameters.length === 0) throw new ArgumentError("Lookahead", "got no parameters");
    this.steps = steps;
    this.alpha = alpha;
    const { device } = this.#parameters[0] as Variable;
    this.#taken = new Variable(zeros([], { dtype: "int32", device }), { name: "taken", trainable: false });
    this.#slow = this.#parameters.map(({ value }, i) => new Variable(value, { name: `slow.${i}`, trainable: false }));
  }

  updates(gradients: readonly Tensor[], next: NextUpdates): Assignment[] {
    const updates = next(gradients);
    const taken = this.#taken.value.add(1);
    const sync = taken.equal(this.steps);
    const value = valueIn(updates);
    const synced = new Map<Variable, Tensor>();
    const slow = this.#parameters.map((parameter, i): Assignment => {
      const variable = this.#slow[i] as Variable;
      const p = value(parameter);
      const ahead = variable.value.add(p.sub(variable.value).mul(this.alpha));
      synced.set(parameter, where(sync, ahead, p));
      return [variable, where(sync, ahead, variable.value)];
    });
    const fast = updates.map(([variable, p]): Assignment => [variable, synced.get(variable) ?? p]);
    return [...fast, ...slow, [this.#taken, where(sync, zerosLike(taken), taken)]];
  }

  state(): Record<string, Variable> {
    return { taken: this.#taken, ...Object.fromEntries(this.#slow.map((slow, i) => [`slow.${i}`, slow])) };
  }
}
