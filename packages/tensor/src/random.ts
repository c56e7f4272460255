import { ArgumentError, ShapeError } from "@gradloom/backend";
import { tensor } from "./create.ts";
import type { Device } from "./device.ts";
import { currentDevice } from "./device.ts";
import { currentTrace } from "./graph/trace.ts";
import type { RandomSource } from "./ops/randomBits.ts";
import { randomBits } from "./ops/randomBits.ts";
import { settle } from "./schedule/evaluate.ts";
import type { Tensor } from "./tensor.ts";
import { Variable } from "./variable.ts";

/** The default generator of a device: key and counter are a variable, so that they advance in compiled functions too. */
interface Generator {
  readonly state: Variable;
  /** The state before the evaluation that is being prepared, and how often it has been drawn from. */
  base: Tensor | undefined;
  drawn: number;
  pending: Tensor | undefined;
}

const generators = new WeakMap<Device, Generator>();

const words = (seed: number): number[] => [seed % 2 ** 32, Math.floor(seed / 2 ** 32), 0];

const generatorOf = (device: Device): Generator => {
  let generator = generators.get(device);
  if (generator === undefined) {
    const state = new Variable(tensor(words(Math.floor(Math.random() * 2 ** 53)), { dtype: "uint32", device }), {
      name: "random state",
      trainable: false,
    });
    generator = { state, base: undefined, drawn: 0, pending: undefined };
    generators.set(device, generator);
  }
  return generator;
};

/**
 * Sets the default generator of a device: the same seed gives the same numbers, on every device.
 *
 * @param n A whole number from 0 to 2^53 - 1.
 * @example seed(42)
 */
export const seed = (n: number, device: Device = currentDevice()): void => {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new ArgumentError("seed", `takes a whole number from 0 to 2^53 - 1, got ${n}`);
  const generator = generatorOf(device);
  generator.state.assign(tensor(words(n), { dtype: "uint32", device }));
  generator.base = undefined;
};

/** The next draw from the default generator of a device. */
const nextSource = (device: Device): RandomSource => {
  settle(device);
  const generator = generatorOf(device);
  const { state } = generator;
  const current = state.value;
  if (generator.pending === undefined || current !== generator.pending) {
    generator.base = current;
    generator.drawn = 0;
  }
  const base = generator.base as Tensor;
  const draw = generator.drawn++;
  const step = tensor([0, 0, generator.drawn], { dtype: "uint32", device });
  generator.pending = base.add(step);
  device.pending.set(state, generator.pending);
  if (currentTrace() === undefined) device.drawn.add(state);
  const word = (i: number): Tensor => base.stridedSlice([i], [1]).reshape([]);
  return { key0: word(0), key1: word(1), stream: word(2).add(base.scalar(draw, "uint32")) };
};

/** An explicit key, or the next draw from the default generator. */
export const sourceOf = (op: string, key: Tensor | undefined, device: Device | undefined): RandomSource => {
  if (key === undefined) return nextSource(device ?? currentDevice());
  if (key.dtype !== "uint32" || key.rank !== 1 || key.shape[0] !== 2) {
    throw new ShapeError(
      op,
      `a key is two uint32 words, got ${key.dtype} [${key.shape.join(",")}]`,
      "make one with randomKey(seed)",
    );
  }
  const word = (i: number): Tensor => key.stridedSlice([i], [1]).reshape([]);
  return { key0: word(0), key1: word(1), stream: key.constant(0, "uint32") };
};

/** A key for random functions: the same key gives the same numbers. @example uniform([3], { key: randomKey(1) }) */
export const randomKey = (n: number, device: Device = currentDevice()): Tensor => {
  if (!Number.isSafeInteger(n) || n < 0)
    throw new ArgumentError("randomKey", `takes a whole number from 0 to 2^53 - 1, got ${n}`);
  return tensor(words(n).slice(0, 2), { dtype: "uint32", device });
};

/** `count` independent keys made from one, as rows of [count, 2]. */
export const splitKey = (key: Tensor, count = 2): Tensor => {
  if (!Number.isInteger(count) || count < 1) throw new ArgumentError("splitKey", `takes a count >= 1, got ${count}`);
  const { key0, key1 } = sourceOf("splitKey", key, undefined);
  // Streams above 2^31 belong to splitting, those below to drawing.
  return randomBits({ key0, key1, stream: key.constant(2 ** 32 - 1, "uint32") }, [count, 2]);
};
