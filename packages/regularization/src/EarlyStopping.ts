import type { Variable as AnyVariable } from "@gradloom/tensor";
import { ArgumentError, assign, Variable } from "@gradloom/tensor";

export interface EarlyStoppingOptions {
  /** Values without improvement until training stops; 0 stops at the first. */
  readonly patience?: number;
  /** The least change that counts as an improvement. */
  readonly minDelta?: number;
  /** Whether smaller or larger values are better. */
  readonly mode?: "min" | "max";
  /** Whose values at the best point `restore()` brings back: `[...model.parameters(), ...model.buffers()]`, say. */
  readonly variables?: Iterable<AnyVariable>;
}

/**
 * Stops training when a value, such as the validation loss, has stopped improving, and remembers the best weights on the device.
 *
 * @throws ArgumentError for options out of range.
 * @example
 * const stopping = new EarlyStopping({ patience: 3, variables: model.parameters() });
 * while (!stopping.step(await validate())) await trainOneEpoch();
 * stopping.restore();
 */
export class EarlyStopping {
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: "min" | "max";
  readonly #variables: readonly AnyVariable[];
  #copies: readonly AnyVariable[] | undefined;
  #best: number;
  #waited = 0;
  #values = 0;
  #bestAt = -1;

  constructor({ patience = 0, minDelta = 0, mode = "min", variables = [] }: EarlyStoppingOptions = {}) {
    if (!Number.isInteger(patience) || patience < 0) {
      throw new ArgumentError("EarlyStopping", `patience is a whole number >= 0, got ${patience}`);
    }
    if (!(minDelta >= 0)) throw new ArgumentError("EarlyStopping", `minDelta is a number >= 0, got ${minDelta}`);
    if (mode !== "min" && mode !== "max") {
      throw new ArgumentError("EarlyStopping", `mode is min or max, got ${String(mode)}`);
    }
    this.patience = patience;
    this.minDelta = minDelta;
    this.mode = mode;
    this.#variables = [...variables];
    this.#best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** The best value so far. */
  get best(): number {
    return this.#best;
  }

  /** The number of the best value, counted from 0; -1 before the first. */
  get bestAt(): number {
    return this.#bestAt;
  }

  /** Values since the best one. */
  get waited(): number {
    return this.#waited;
  }

  /**
   * Takes the next value; NaN is no improvement.
   *
   * @returns Whether to stop.
   * @throws ArgumentError for what is not a number.
   */
  step(value: number): boolean {
    if (typeof value !== "number") {
      throw new ArgumentError("EarlyStopping", `takes numbers, got ${String(value)}`, "await tensor.item()");
    }
    const gain = this.mode === "min" ? this.#best - value : value - this.#best;
    if (gain > this.minDelta) {
      this.#best = value;
      this.#bestAt = this.#values;
      this.#waited = 0;
      this.#remember();
    } else this.#waited++;
    this.#values++;
    return this.#waited > 0 && this.#waited >= this.patience;
  }

  /**
   * Gives the variables their values at the best point.
   *
   * @throws ArgumentError before any improvement, or without variables.
   */
  restore(): void {
    const copies = this.#copies;
    if (copies === undefined) {
      throw new ArgumentError("EarlyStopping", "has nothing to restore", "give variables, and call step(value) first");
    }
    assign(this.#variables.map((variable, i) => [variable, (copies[i] as AnyVariable).value]));
  }

  /** Frees the remembered values. */
  dispose(): void {
    for (const copy of this.#copies ?? []) copy.dispose();
    this.#copies = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #remember(): void {
    if (this.#variables.length === 0) return;
    const copies = this.#copies;
    if (copies !== undefined) assign(this.#variables.map(({ value }, i) => [copies[i] as AnyVariable, value]));
    else {
      this.#copies = this.#variables.map(
        ({ name, value }) => new Variable(value, { name: `best ${name}`, trainable: false }),
      );
    }
  }
}
