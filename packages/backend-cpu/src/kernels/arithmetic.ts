import { i32 } from "../wasm/numeric.ts";
import { i32x4 } from "../wasm/simd.ts";
import { asI32, constV128, type I32, type I32Like, type V128 } from "../wasm/value.ts";

// Address arithmetic that folds constants.

export const plus = (a: I32Like, b: I32Like): I32Like => {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a === 0) return b;
  if (b === 0) return a;
  return i32.add(a, b);
};

export const times = (a: I32Like, factor: number): I32Like => {
  if (typeof a === "number") return a * factor;
  if (factor === 0) return 0;
  if (factor === 1) return a;
  const log = Math.log2(factor);
  return Number.isInteger(log) && log < 32 ? i32.shl(a, log) : i32.mul(a, factor);
};

/** `low <= at() < high` */
export const within = (at: () => I32Like, [low, high]: readonly [number, number]): I32 =>
  low <= 0
    ? i32.ltS(at(), high)
    : high - low === 1
      ? i32.eq(at(), low)
      : i32.ltU(i32.sub(asI32(at()), low), Math.max(0, high - low));

/** Both conditions, where there are any. */
export const both = (a: I32 | undefined, b: I32): I32 => (a === undefined ? b : i32.and(a, b));

export const splat = (n: number): V128 => i32x4.const(n, n, n, n);

/** 0, step, 2 step, 3 step */
export const iota = (step: number): V128 => i32x4.const(0, step, 2 * step, 3 * step);

/** All ones in one lane of `bytes` bytes. */
export const laneMask = (lane: number, bytes: number): V128 =>
  constV128(Array.from({ length: 16 }, (_, i) => (Math.floor(i / bytes) === lane ? 255 : 0)));

export const last = <T>(list: readonly (T | undefined)[]): T | undefined => {
  for (let i = list.length - 1; i >= 0; i--) if (list[i] !== undefined) return list[i];
  return undefined;
};
