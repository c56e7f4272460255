import type { DeviceBuffer, DType, Shape } from "@gradloom/backend";
import { DeviceError, DTypeError, formatShape, ShapeError, sameShape } from "@gradloom/backend";
import type { Device } from "./device.ts";
import { variableValue } from "./graph/leaves.ts";
import { Storage } from "./graph/storage.ts";
import { currentTrace } from "./graph/trace.ts";
import { flush, flushPart, settle } from "./schedule/evaluate.ts";
import { Tensor } from "./tensor.ts";

let variables = 0;

/** Updates of a variable that may build on each other, so that a loop of nothing but updates does not grow a graph without end. */
const updatesAtMost = 32;

export interface VariableOptions {
  /** Used in messages. */
  readonly name?: string;
  /** False for state that no optimizer updates. */
  readonly trainable?: boolean;
}

/** A mutable cell for parameters, running statistics and optimizer state. Its device memory is overwritten in place. */
export class Variable {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  /** Whether training changes it: true for parameters, false for running statistics and other state. */
  readonly trainable: boolean;
  /** Counts the assignments that have been carried out. */
  version = 0;
  /** @internal */
  storage: Storage | undefined = undefined;
  /** The first value, until the variable has memory. @internal */
  initial: Tensor | undefined;
  #reading: Tensor | undefined;

  /**
   * @param initial The first value; its shape and element type are the variable's.
   * @example const w = new Variable(zeros([784, 10]), { name: "w" })
   */
  constructor(initial: Tensor, { name = `variable${variables++}`, trainable = true }: VariableOptions = {}) {
    this.name = name;
    this.trainable = trainable;
    this.shape = initial.shape;
    this.dtype = initial.dtype;
    this.device = initial.device;
    this.initial = initial;
    this.device.pending.set(this, initial);
  }

  /** The current value, evaluated or not. */
  get value(): Tensor {
    return this.device.pending.get(this) ?? this.reading();
  }

  /**
   * Makes `value` the variable's value. Carried out with the next evaluation on the device; assigning while an assignment waits carries
   * that one out first, so that graphs do not grow.
   *
   * @throws ShapeError, DTypeError, DeviceError when the value does not fit the variable; nothing changes then.
   */
  assign(value: Tensor): void {
    assign([[this, value]]);
  }

  /**
   * Changes the value within the step that is being built, as running statistics do: `next` gives the new value
   * for the current one. Several updates in one step build on each other and evaluate nothing; the step's `assign` finishes it.
   *
   * @throws ShapeError, DTypeError, DeviceError when the value does not fit the variable; nothing changes then.
   * @example runningMean.update((current) => lerp(current, mean, 0.1))
   */
  update(next: (current: Tensor) => Tensor): void {
    const { device } = this;
    settle(device);
    if (currentTrace() === undefined) {
      const started = device.pending.has(this) && this.version === 0;
      const count = device.updates.get(this) ?? 0;
      if (started || count >= updatesAtMost) flushPart(device, (v) => v.version === 0 || device.updates.has(v));
      device.updates.set(this, (device.updates.get(this) ?? 0) + 1);
    }
    const value = next(this.value);
    check(this, value);
    device.pending.set(this, value);
  }

  /** The tensor that reads the variable's memory. @internal */
  reading(): Tensor {
    // One that was evaluated by itself holds a copy and no longer reads the variable.
    if (this.#reading === undefined || this.#reading.storage !== undefined || this.#reading.host !== undefined) {
      const { shape, dtype } = this;
      this.#reading = new Tensor(variableValue, [], { shape, dtype }, shape, dtype, this.device);
      this.#reading.alias = { variable: this, version: this.version };
    }
    return this.#reading;
  }

  /** Takes over the memory of a new value. @internal */
  commit(buffer: DeviceBuffer): void {
    if (this.storage?.buffer !== buffer) {
      this.storage?.release();
      this.storage = new Storage(this.device.backend, buffer);
    }
    this.version++;
    this.initial = undefined;
    this.#reading = undefined;
  }

  /** Frees the memory. */
  dispose(): void {
    this.device.pending.delete(this);
    this.device.finished.delete(this);
    this.device.updates.delete(this);
    this.storage?.release();
    this.storage = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `Variable(${this.name}, ${formatShape(this.shape)}, ${this.dtype}, ${this.device.name})`;
  }
}

const check = (variable: Variable, value: Tensor): void => {
  if (!sameShape(value.shape, variable.shape)) {
    throw new ShapeError(
      variable.name,
      `a variable keeps its shape, got ${formatShape(value.shape)} for ${formatShape(variable.shape)}`,
      "reshape the value",
    );
  }
  if (value.dtype !== variable.dtype) {
    throw new DTypeError(
      variable.name,
      `a variable keeps its element type, got ${value.dtype} for ${variable.dtype}`,
      `use cast("${variable.dtype}")`,
    );
  }
  if (value.device !== variable.device) {
    throw new DeviceError(
      variable.name,
      `the value lives on ${value.device.name}, the variable on ${variable.device.name}`,
    );
  }
};

/**
 * Assigns several variables at once, as one step: all values are computed from the variables' old values, in one schedule.
 *
 * @param options.keep Tensors to compute with the step, so that they can be read after the variables have changed.
 * @example assign([[w, w.value.sub(gradient.mul(0.1))]], { keep: [loss] })
 */
export const assign = (
  updates: Iterable<readonly [Variable, Tensor]>,
  options: { readonly keep?: readonly Tensor[] } = {},
): void => {
  const list = [...updates];
  for (const [variable, value] of list) check(variable, value);
  const devices = new Set(list.map(([{ device }]) => device));
  const steps = currentTrace() === undefined;
  for (const device of steps ? devices : []) {
    const waiting = list.filter(([variable]) => device.pending.has(variable));
    if (waiting.some(([variable]) => device.finished.has(variable))) flush(device);
    else if (waiting.some(([{ version }]) => version === 0)) flushPart(device, ({ version }) => version === 0);
  }
  for (const [variable, value] of list) variable.device.pending.set(variable, value);
  for (const tensor of options.keep ?? []) tensor.device.kept.add(tensor);
  for (const device of steps ? devices : []) {
    for (const variable of device.pending.keys()) device.finished.add(variable);
    device.updates.clear();
  }
};
