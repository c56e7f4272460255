import type { ComputeType } from "@gradloom/backend";
import type { Source } from "../source.ts";

/** What an invocation adds up: the sums of `rows` times `columns`. */
export interface Accumulators {
  /** Names of the row and column numbers, int32s; neighbours in groups of four where they are as many. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Names, [row][column]. */
  readonly sums: readonly (readonly string[])[];
  /** Whether some of the rows or columns may lie beyond the last one. */
  readonly excess: { readonly row: boolean; readonly column: boolean };
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Where a workgroup stands; names or literals of int32s. */
export interface Start {
  readonly slice: string;
  readonly batch: readonly string[];
  /** Numbers of the tile. */
  readonly row: string;
  readonly column: string;
}

export const zeroSum = (s: Source, type: ComputeType): string =>
  s.variable(type, s.dialect.constant(type, 0, s.use), "sum");

export const zeroSums = (s: Source, type: ComputeType, rows: number, columns: number): string[][] =>
  upTo(rows).map(() => upTo(columns).map(() => zeroSum(s, type)));

/** `sum += x * y`. */
export const addProduct = (s: Source, type: ComputeType, sum: string, x: string, y: string): void => {
  const isFloat = type === "float32" || type === "float64";
  s.line(`${sum} = ${isFloat ? s.dialect.multiplyAdd(x, y, sum) : `${x} * ${y} + ${sum}`};`);
};

/** Names of `first + offset` for each offset; `first` is a name. */
export const offsets = (s: Source, first: string, list: readonly number[], prefix: string): string[] =>
  list.map((offset) => (offset === 0 ? first : s.let("int32", `${first} + ${offset}`, prefix)));
