import type { Tensor, TensorData } from "@gradloom/tensor";
import { ArgumentError, tensor, Variable, zerosLike } from "@gradloom/tensor";
import type { Batch } from "./batch.ts";
import { batchOf } from "./batch.ts";

/** A batch of predictions or targets: a tensor, or values on the host. */
export type Values = Tensor | TensorData;

/** A measure of predictions that takes in one batch after the other. */
export interface Metric<R> {
  readonly name: string;
  /** Takes in a batch. */
  update(predictions: Values, targets: Values): void | Promise<void>;
  /** The measure of all batches since the last reset, as if they were one. */
  result(): Promise<R>;
  /** Forgets all batches. */
  reset(): void;
}

/** How a metric that adds up numbers on the device works: pure functions of its state, a single tensor. */
export interface MetricRule<O extends object, R> {
  readonly name: string;
  readonly defaults: O;
  /** Refuses options that make no sense. */
  readonly check?: (options: O) => void;
  /** The state before the first batch, for batches like this one. */
  readonly start: (batch: Batch, options: O) => Tensor;
  /** The state with one more batch. */
  readonly update: (state: Tensor, batch: Batch, options: O) => Tensor;
  /** The measure, from the elements of the state. */
  readonly result: (state: readonly number[], options: O) => R;
}

/** The defaults with what was given in their place; refuses options that do not exist. */
export const complete = <O extends object>(name: string, defaults: O, given: Partial<O>): O => {
  const result = { ...defaults };
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(defaults, key)) {
      const known = Object.keys(defaults);
      throw new ArgumentError(name, `has no option ${key}`, known.length > 0 ? `use ${known.join(", ")}` : undefined);
    }
    result[key as keyof O] = value as O[keyof O];
  }
  return result;
};

/**
 * A metric whose state is a few numbers on the device. Taking in a batch computes nothing by itself and works in compiled steps;
 * only `result` reads.
 */
export class StreamingMetric<O extends object, R> implements Metric<R> {
  readonly name: string;
  readonly options: Readonly<O>;
  readonly #rule: MetricRule<O, R>;
  #state: Variable | undefined;

  constructor(rule: MetricRule<O, R>, given: Partial<O>) {
    this.name = rule.name;
    this.options = complete(rule.name, rule.defaults, given);
    rule.check?.(this.options);
    this.#rule = rule;
  }

  /** @throws ShapeError, DTypeError when predictions and targets do not fit the metric or each other. */
  update(predictions: Values, targets: Values): void {
    const batch = batchOf(this.name, predictions, targets);
    this.#state ??= new Variable(this.#rule.start(batch, this.options), { name: this.name, trainable: false });
    this.#state.update((state) => this.#rule.update(state, batch, this.options));
  }

  /** @throws ArgumentError before the first batch. */
  async result(): Promise<R> {
    if (this.#state === undefined) throw new ArgumentError(this.name, "has seen no batch", "call update first");
    const state = [...(await this.#state.value.data())].map(Number);
    return this.#rule.result(state, this.options);
  }

  /** The same as `result`, by the name that training loops use; lists become tensors. */
  async compute(): Promise<number | Tensor> {
    const result = await this.result();
    return typeof result === "number" ? result : tensor(result as TensorData);
  }

  reset(): void {
    this.#state?.assign(zerosLike(this.#state.value));
  }

  /** Frees the state. */
  dispose(): void {
    this.#state?.dispose();
    this.#state = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A metric as a class: `new Precision({ classes: 10 })`. */
export type MetricClass<O extends object, R> = new (options?: Partial<O>) => StreamingMetric<O, R>;

/** Makes a metric of its rule. */
export const defineMetric = <O extends object, R>(rule: MetricRule<O, R>): MetricClass<O, R> =>
  named(rule.name, function construct(given: Partial<O> = {}) {
    return new StreamingMetric(rule, given);
  });

/** A constructor function with the name of its class. */
export const named = <C>(name: string, construct: object): C =>
  Object.defineProperty(construct, "name", { value: name }) as C;
