import type { ComputeType } from "@gradloom/backend";
import type { ValueType } from "../dialect.ts";
import { invocation, type Source } from "../source.ts";
import type { Matrix } from "./matrix.ts";
import type { AttentionPlan } from "./plan.ts";

/** Names of variables: for each row of an invocation those of its keys, or of its columns. */
export type Block = readonly (readonly string[])[];

/** What an invocation works on; positions are names or literals of int32s. */
export interface Work {
  readonly plan: AttentionPlan;
  readonly type: ComputeType;
  readonly queries: Matrix;
  readonly keys: Matrix;
  /** Undefined where no values are asked for. */
  readonly values: Matrix | undefined;
  readonly mask: Matrix | undefined;
  /** The element of the batch, coordinate by coordinate. */
  readonly batch: readonly string[];
  /** The invocation's queries, one a row; there may be no such ones. */
  readonly rows: readonly string[];
  /** The first query of the workgroup, and the first quad of its columns. */
  readonly firstQuery: string;
  readonly firstQuad: string;
  /** Numbers of the invocation: in the workgroup, of its group, and in its group. */
  readonly local: string;
  readonly group: string;
  readonly lane: string;
}

/** How the invocations of a workgroup get at each other's share of a tile of keys, which begins at key `first`. */
export interface Exchange {
  /** Adds `q k^T` to the scores; key number `j` of an invocation is `first + lane + j * lanes`. */
  score(first: string, scores: Block): void;
  /** Adds `weights v` to the sums. */
  weigh(first: string, weights: Block, sums: Block): void;
}

export const components = ["x", "y", "z", "w"] as const;

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The text of a number that compilers do not know for certain, so that they do not unroll long loops up to it: workgroups are few. */
export const atRunTime = (s: Source, n: number): string => `${n} + ${s.dialect.toInt(`(${invocation.group} >> 31u)`)}`;

/** `sum += a * b` for values of a float type. */
export const addProduct = (s: Source, sum: string, a: string, b: string): void =>
  s.line(`${sum} = ${s.dialect.multiplyAdd(a, b, sum)};`);

export const quadType = (type: ComputeType): ValueType => `vec4<${type as "float32"}>`;
