import type { Assignment } from "@gradloom/optimizers";
import type { Tensor, Variable as TensorVariable } from "@gradloom/tensor";
import { GradloomError, isFinite, Variable, where, zeros } from "@gradloom/tensor";

/** Training met a number that is not finite. */
export class NotFiniteError extends GradloomError {
  static override readonly name: string = "NotFiniteError";

  /** The parameters that are not finite, by name, in the model's order; none where it is the loss alone. */
  readonly parameters: readonly string[];

  constructor(parameters: readonly string[]) {
    const [first, ...others] = parameters;
    super(
      "fit",
      first === undefined
        ? "the loss is not finite, though all parameters are"
        : `the parameter ${first} is not finite${others.length === 0 ? "" : `, nor are ${others.length} others`}`,
      first === undefined
        ? "look for NaN, infinite or huge values in the data, or for the operation with setDebug(true); the parameters are as before"
        : "lower the learning rate, clip gradients, or look for the operation with setDebug(true)",
    );
    this.parameters = parameters;
  }
}

/** Leaves parameters and optimizer as they are from the first loss on that is not finite. Costs one comparison per number updated. */
export class NanGuard {
  readonly #parameters: ReadonlyMap<string, TensorVariable>;
  /** 1 after a loss that was not finite. */
  readonly #failed: Variable;

  /** @param parameters What is updated, by name. */
  constructor(parameters: ReadonlyMap<string, TensorVariable>) {
    this.#parameters = parameters;
    const { device } = parameters.values().next().value as TensorVariable;
    this.#failed = new Variable(zeros([], { dtype: "int32", device }), { name: "not finite", trainable: false });
  }

  guard(loss: Tensor, updates: readonly Assignment[]): Assignment[] {
    const well = isFinite(loss).logicalAnd(this.#failed.value.equal(0));
    const guarded = updates.map(([variable, value]): Assignment => [variable, where(well, value, variable.value)]);
    return [...guarded, [this.#failed, well.logicalNot().cast("int32")]];
  }

  /** @throws NotFiniteError when there was one. */
  async check(): Promise<void> {
    if ((await this.#failed.value.item()) === 0) return;
    const names: string[] = [];
    for (const [name, { value }] of this.#parameters) {
      if ((await isFinite(value).all().cast("int32").item()) === 0) names.push(name);
    }
    throw new NotFiniteError(names);
  }

  dispose(): void {
    this.#failed.dispose();
  }
}
