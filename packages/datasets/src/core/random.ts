import { ArgumentError, threefry2x32 } from "@gradloom/backend";

/** Random numbers on the host: the same seed and stream give the same numbers, on every machine. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  bits(): number;
  /** A number from 0 to 1, 1 excluded. */
  uniform(): number;
  /** A whole number from 0 to n - 1, each equally likely. */
  below(n: number): number;
  /** A number of the standard normal distribution. */
  normal(): number;
}

/**
 * A source of random numbers (Threefry2x32) for a seed and the number of a stream, such as an epoch.
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 */
export const random = (seed: number, stream = 0): Random => {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ArgumentError("seed", `takes a whole number from 0 to 2^53 - 1, got ${seed}`);
  }
  let counter = 0;
  let spare: number | undefined;
  const bits = (): number => {
    if (spare !== undefined) {
      const word = spare;
      spare = undefined;
      return word;
    }
    const [word, next] = threefry2x32(seed % 2 ** 32, Math.floor(seed / 2 ** 32), counter++, stream);
    spare = next;
    return word;
  };
  const uniform = (): number => (bits() * 2 ** 21 + (bits() >>> 11)) / 2 ** 53;
  const below = (n: number): number => {
    // Words from the incomplete last round of n are drawn again, so that no result is likelier than another.
    const limit = 2 ** 32 - (2 ** 32 % n);
    let word = bits();
    while (word >= limit) word = bits();
    return word % n;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { bits, uniform, below, normal };
};

/** 0 to n - 1 in random order (Fisher-Yates). */
export const shuffled = (n: number, source: Random): Uint32Array => {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = source.below(i + 1);
    const other = order[j] as number;
    order[j] = order[i] as number;
    order[i] = other;
  }
  return order;
};
