import type { Assignment } from "@gradloom/optimizers";
import type { Tensor } from "@gradloom/tensor";
import { GradloomError, isFinite, stack, tensor, Variable, where } from "@gradloom/tensor";

/** Training met a number that is not finite. */
export class NotFiniteError extends GradloomError {
  /** The first parameter, in the model's order, whose gradient was not finite. */
  readonly parameter: string;

  constructor(parameter: string, count: number, total: number) {
    super(
      "fit",
      `the gradient of ${parameter} is not finite (so for ${count} of ${total} parameters)`,
      "the parameters are those from before; lower the learning rate, clip gradients, or look for the cause with setDebug(true)",
    );
    this.parameter = parameter;
  }
}

/** Leaves parameters and optimizer as they are from the first gradient on that is not finite, and remembers whose it was. */
export class NanGuard {
  readonly #names: readonly string[];
  /** Position of the parameter, -1 as long as all is well; and how many there were. */
  readonly #found: Variable;

  constructor(names: readonly string[], like: Variable) {
    this.#names = names;
    this.#found = new Variable(tensor([-1, 0], { dtype: "int32", device: like.device }), {
      name: "not finite",
      trainable: false,
    });
  }

  guard(gradients: readonly Tensor[], updates: readonly Assignment[]): Assignment[] {
    const bad = stack(gradients.map((g) => isFinite(g).all().logicalNot())).cast("int32");
    const found = this.#found.value;
    const earlier = found.slice([0]).greaterEqual(0);
    const now = stack([where(bad.any(), bad.argmax(), -1).cast("int32"), bad.sum().cast("int32")]);
    const next = where(earlier, found, now);
    const well = next.slice([0]).less(0);
    return [
      ...updates.map(([variable, value]): Assignment => [variable, where(well, value, variable.value)]),
      [this.#found, next],
    ];
  }

  /** @throws NotFiniteError when there was one. */
  async check(): Promise<void> {
    const [position = -1, count = 0] = (await this.#found.value.data()) as Int32Array;
    if (position >= 0)
      throw new NotFiniteError(this.#names[position] ?? `parameter ${position}`, count, this.#names.length);
  }

  dispose(): void {
    this.#found.dispose();
  }
}
