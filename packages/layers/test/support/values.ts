import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DType, Tensor } from "@gradloom/tensor";
import { tensor } from "@gradloom/tensor";

/** Numbers as the reference files have them: given, or to be made from a seed. */
export interface Stored {
  readonly shape: readonly number[];
  /** JSON has no infinity: it is a string. */
  readonly data?: readonly (number | string)[];
  readonly seed?: number;
  readonly integer?: boolean;
}

/** The same numbers in [-2, 2) as `numbers` of the reference scripts makes. */
export const numbers = (shape: readonly number[], seed = 1): number[] => {
  const count = shape.reduce((n, m) => n * m, 1);
  return Array.from({ length: count }, (_, i) => {
    const k = seed * 613 + i;
    return ((k * k * 37 + k * 7919) % 2003) / 500.75 - 2;
  });
};

export const dataOf = ({ shape, data, seed }: Stored): readonly number[] => data?.map(Number) ?? numbers(shape, seed);

export const tensorOf = (stored: Stored, dtype: DType = "float64"): Tensor =>
  tensor([...dataOf(stored)], { shape: stored.shape, dtype: stored.integer ? "int32" : dtype });

export const readReference = <T>(name: string): Record<string, T> =>
  JSON.parse(readFileSync(join(__dirname, "../reference", name), "utf8"));

/** Expects a tensor to have a shape and values, up to `tolerance` of the largest of them. */
export const expectClose = async (got: Tensor, want: Stored, tolerance: number, what: string): Promise<void> => {
  expect({ what, shape: got.shape }).toEqual({ what, shape: want.shape });
  const values = await got.cast("float64").data();
  const wanted = dataOf(want);
  const scale = Math.max(1e-3, ...wanted.filter(Number.isFinite).map(Math.abs));
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(values[i]), wanted[i] as number];
    if (!(Object.is(a, b) || Math.abs(a - b) <= tolerance * scale)) {
      throw new Error(`${what}: element ${i} is ${a}, not ${b}`);
    }
  }
};
