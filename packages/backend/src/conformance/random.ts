import type { DType } from "../dtype.ts";
import { isFloat } from "../dtype.ts";

/** Numbers in [0, 1) that are the same on every machine (mulberry32). */
export const createRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** Gives the values that a buffer of `count` elements holds. */
export type Source = (dtype: DType, count: number) => number[];

const make = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

export const uniform = (low: number, high: number, seed = 1): Source => {
  return (_, count) => {
    const random = createRandom(seed);
    return make(count, () => low + (high - low) * random());
  };
};

export const integers = (low: number, high: number, seed = 1): Source => {
  return (_, count) => {
    const random = createRandom(seed);
    return make(count, () => low + Math.floor((high - low + 1) * random()));
  };
};

/** Given values, repeated as often as needed. */
export const listed = (values: readonly number[]): Source => {
  return (_, count) => Array.from({ length: count }, (_, i) => values[i % values.length] as number);
};

/**
 * Few-bit numbers: eighths from -2 to 2, integers from -9 (0 when unsigned) to 9, bits. Their sums and products of moderate
 * length are exact in any order, so that results can be compared exactly.
 */
export const exactNumbers = (seed = 1): Source => {
  return (dtype, count) => {
    const random = createRandom(seed);
    const whole = (low: number, high: number) => low + Math.floor((high - low + 1) * random());
    return make(count, () => {
      if (dtype === "bool") return whole(0, 1);
      if (isFloat(dtype)) return whole(-16, 16) / 8;
      return dtype === "uint32" || dtype === "uint8" ? whole(0, 9) : whole(-9, 9);
    });
  };
};
