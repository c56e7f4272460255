import { ArgumentError, ShapeError } from "@gradloom/backend";
import { tensor } from "./create.ts";
import type { Device } from "./device.ts";
import { currentDevice } from "./device.ts";
import { scalar } from "./graph/leaves.ts";
import { currentTrace } from "./graph/trace.ts";
import type { RandomSource } from "./ops/randomBits.ts";
import { randomBits } from "./ops/randomBits.ts";
import { Tensor } from "./tensor.ts";

type Key = readonly [number, number];

/**
 * The default generator of a device: a key, and how many draws were made. They are numbers on the host, which draws take as arguments
 * of kernels: a draw stays what it is, however late it is computed.
 */
interface Generator {
  key: Key;
  drawn: number;
  /** The key as tensors, shared by all draws. */
  words: readonly [Tensor, Tensor] | undefined;
}

const generators = new WeakMap<Device, Generator>();

const keyOf = (seed: number): Key => [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];

const generatorOf = (device: Device): Generator => {
  let generator = generators.get(device);
  if (generator === undefined) {
    generator = { key: keyOf(Math.floor(Math.random() * 2 ** 53)), drawn: 0, words: undefined };
    generators.set(device, generator);
  }
  return generator;
};

/** What a function that is compiled does with a generator: its draws begin where the generator is when the function is called. */
interface Recording {
  /** The key that the function set. */
  key: Key | undefined;
  /** Draws, since the key was set if it was. */
  drawn: number;
  readonly leaves: (readonly [leaf: Tensor, value: (start: Generator) => number])[];
}

const recordings = new WeakMap<object, Map<Device, Recording>>();

const recordingOf = (trace: object, device: Device): Recording => {
  const devices = recordings.get(trace) ?? new Map<Device, Recording>();
  recordings.set(trace, devices);
  const recording = devices.get(device) ?? { key: undefined, drawn: 0, leaves: [] };
  devices.set(device, recording);
  return recording;
};

/** The draws of the function that is being compiled. */
export interface Draws {
  readonly count: number;
  /** Makes the draws those of one call, which begin where the generator is, and moves the generator behind them. */
  next(): void;
  /** Moves the generator on by so many draws. */
  skip(count: number): void;
}

/** What was drawn so far by the function that is being compiled. */
export const recordedDraws = (device: Device): Draws => {
  const recording = recordingOf(currentTrace() as object, device);
  const generator = generatorOf(device);
  return {
    count: recording.drawn,
    next: () => {
      for (const [leaf, value] of recording.leaves) (leaf.attributes as { value: number }).value = value(generator);
      if (recording.key !== undefined) setKey(generator, recording.key);
      generator.drawn += recording.drawn;
    },
    skip: (count) => {
      generator.drawn += count;
    },
  };
};

const setKey = (generator: Generator, key: Key): void => {
  generator.key = key;
  generator.drawn = 0;
  generator.words = undefined;
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
  const trace = currentTrace();
  if (trace === undefined) setKey(generatorOf(device), keyOf(n));
  else Object.assign(recordingOf(trace, device), { key: keyOf(n), drawn: 0 });
};

/** Where the default generator of a device is: plain numbers, which JSON keeps as they are. */
export interface RandomState {
  readonly key: readonly [number, number];
  /** Draws since the key was set. */
  readonly drawn: number;
}

/**
 * Where the default generator of a device is; `setRandomState` goes on from there, in another process too.
 *
 * @throws ArgumentError in a function that is being compiled.
 * @example const state = randomState(); const a = uniform([3]); setRandomState(state); const b = uniform([3]); // the same numbers
 */
export const randomState = (device: Device = currentDevice()): RandomState => {
  refuseTraced("randomState");
  const { key, drawn } = generatorOf(device);
  return { key: [...key], drawn };
};

/**
 * Makes the default generator of a device go on from a state.
 *
 * @throws ArgumentError for what is no state, and in a function that is being compiled.
 */
export const setRandomState = (state: RandomState, device: Device = currentDevice()): void => {
  refuseTraced("setRandomState");
  const { key, drawn } = (state ?? {}) as Partial<RandomState>;
  const isWord = (word: unknown): boolean =>
    Number.isInteger(word) && (word as number) >= 0 && (word as number) < 2 ** 32;
  if (
    !Array.isArray(key) ||
    key.length !== 2 ||
    !key.every(isWord) ||
    !Number.isSafeInteger(drawn) ||
    (drawn as number) < 0
  ) {
    throw new ArgumentError("setRandomState", "takes { key: [word, word], drawn }", "give what randomState() gave");
  }
  const generator = generatorOf(device);
  setKey(generator, [key[0], key[1]]);
  generator.drawn = drawn as number;
};

const refuseTraced = (op: string): void => {
  if (currentTrace() === undefined) return;
  throw new ArgumentError(op, "is called inside the compiled function", "call it outside");
};

const wordOn = (device: Device, value: number): Tensor =>
  new Tensor(scalar, [], { shape: [], dtype: "uint32", value }, [], "uint32", device);

/** The next draw from the default generator of a device. */
const nextSource = (device: Device): RandomSource => {
  const generator = generatorOf(device);
  const trace = currentTrace();
  if (trace === undefined) {
    generator.words ??= [wordOn(device, generator.key[0]), wordOn(device, generator.key[1])];
    const [key0, key1] = generator.words;
    return { key0, key1, stream: wordOn(device, generator.drawn++) };
  }
  const recording = recordingOf(trace, device);
  const { key } = recording;
  const draw = recording.drawn++;
  const word = (value: (start: Generator) => number): Tensor => {
    const leaf = wordOn(device, value(generator));
    recording.leaves.push([leaf, value]);
    return leaf;
  };
  return {
    key0: word((start) => (key ?? start.key)[0]),
    key1: word((start) => (key ?? start.key)[1]),
    stream: word(({ drawn }) => (key === undefined ? drawn : 0) + draw),
  };
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
  return tensor([...keyOf(n)], { dtype: "uint32", device });
};

/** `count` independent keys made from one, as rows of [count, 2]. */
export const splitKey = (key: Tensor, count = 2): Tensor => {
  if (!Number.isInteger(count) || count < 1) throw new ArgumentError("splitKey", `takes a count >= 1, got ${count}`);
  const { key0, key1 } = sourceOf("splitKey", key, undefined);
  // Streams above 2^31 belong to splitting, those below to drawing.
  return randomBits({ key0, key1, stream: key.constant(2 ** 32 - 1, "uint32") }, [count, 2]);
};
