import type { ReduceKernel, RowKernel } from "@gradloom/backend";
import type { Limits } from "../program.ts";
import { invocation, type Source } from "../source.ts";

/** How a workgroup is spread: `kept` neighbouring kept elements, each with `lanes` invocations that share its reduced range. */
export interface Tile {
  readonly kept: number;
  readonly lanes: number;
  /** Along which of the two neighbouring invocations lie, so that they read neighbouring memory. */
  readonly fast: Fast;
}

export type Fast = "kept" | "reduced";

/** What is known of the work before it is spread. */
export interface Work {
  /** Kept elements. */
  readonly count: number;
  /** Elements of the reduced range. */
  readonly length: number;
  readonly fast: Fast;
  /** Bytes of state that an invocation shares. */
  readonly state: number;
}

/** Invocations that keep a large device busy. */
const fill = 65536;
const smallGroup = 64;
const largeGroup = 256;
/** Elements of a row that an invocation takes: few while there are too few invocations, else as many as it can hold. */
const fewElements = 4;
const manyElements = 16;
/** Rows from which on those that fit into one subgroup get just that, and never wait. */
const manyRows = 512;

const powerAbove = (x: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, x)));
export const powerBelow = (x: number): number => 2 ** Math.floor(Math.log2(Math.max(1, x)));

/** Spreads rows over neighbouring invocations, columns over invocations that are a row of columns apart. */
export const chooseTile = ({ count, length, fast, state }: Work, limits: Limits): Tile => {
  const room = limits.sharedBytes / Math.max(4, state);
  const most = powerBelow(Math.min(limits.workgroup, largeGroup, room));
  if (fast === "reduced") {
    const least = powerAbove(length / manyElements);
    const busy = Math.min(powerAbove(length / fewElements), powerAbove(fill / count));
    const one = powerBelow(limits.subgroup);
    const lanes =
      least <= one && count >= manyRows ? Math.min(Math.max(least, busy), one) : Math.min(Math.max(least, busy), most);
    return { kept: Math.max(1, Math.min(smallGroup, most) / lanes), lanes, fast };
  }
  const kept = Math.min(powerAbove(count), count >= 2048 ? 32 : 16, most);
  const lanes = Math.min(powerAbove(fill / count), most / kept, powerAbove(length / 8));
  return { kept: Math.max(kept, Math.min(smallGroup, most) / lanes), lanes, fast };
};

/** Whether most of what a kernel reads lies side by side along the kept or along the reduced dimensions. */
export const fastDimensions = ({ shape, reduced, inputs }: ReduceKernel | RowKernel): Fast => {
  const leading = shape.length - reduced;
  const smallest = (strides: readonly number[]): number =>
    Math.min(...strides.filter((stride) => stride !== 0).map(Math.abs), Number.POSITIVE_INFINITY);
  let votes = 0;
  for (const { view } of inputs) {
    const inner = smallest(view.strides.slice(leading));
    if (inner === Number.POSITIVE_INFINITY) continue;
    votes += Math.sign(smallest(view.strides.slice(0, leading)) - inner);
  }
  return votes < 0 ? "kept" : "reduced";
};

/** Where an invocation stands. */
export interface Place {
  /** Its kept element (uint32); the last one where there is none left. */
  readonly kept: string;
  /** Its number among the kept elements of the tile, and among the lanes of its kept element (int32). */
  readonly column: string;
  readonly lane: string;
  /** Which part of the reduced range the workgroup takes (int32). */
  readonly part: string;
  /** Conditions, undefined where they always hold: the kept element exists; the invocation is also its first lane. */
  readonly exists: string | undefined;
  readonly first: string | undefined;
}

/** Prints where an invocation stands among `count` kept elements in `parts` parts each. */
export const placeOf = (s: Source, { kept, lanes, fast }: Tile, count: number, parts = 1): Place => {
  const { dialect } = s;
  const { group, local } = invocation;
  const tiles = Math.ceil(count / kept);
  const quotient = (x: string, by: number): string => (by === 1 ? x : `(${x} / ${by}u)`);
  const rest = (x: string, by: number): string => (by === kept * lanes ? x : `(${x} % ${by}u)`);
  const tile = parts === 1 ? group : tiles === 1 ? "0u" : s.let("uint32", `${group} % ${tiles}u`, "tile");
  const part = parts === 1 ? "0" : s.let("int32", dialect.toInt(quotient(group, tiles)), "part");
  const across = fast === "kept" ? rest(local, kept) : quotient(local, lanes);
  const along = fast === "kept" ? quotient(local, kept) : rest(local, lanes);
  const column = kept === 1 ? "0" : s.let("int32", dialect.toInt(across), "column");
  const lane = lanes === 1 ? "0" : s.let("int32", dialect.toInt(along), "lane");
  const element = kept === 1 ? tile : s.let("uint32", `${tile} * ${kept}u + ${dialect.toUint(column)}`, "n");
  // A grid of two dimensions may have workgroups without work.
  const spare = tiles * parts > s.limits.groups;
  const all = count % kept === 0 && (parts > 1 || !spare);
  const missing = [...(all ? [] : [`${element} < ${count}u`]), ...(parts > 1 && spare ? [`${part} < ${parts}`] : [])];
  const exists = missing.length === 0 ? undefined : missing.join(" && ");
  const conditions = [...(lanes === 1 ? [] : [`${lane} == 0`]), ...(exists === undefined ? [] : [exists])];
  return {
    kept: all ? element : s.let("uint32", `min(${element}, ${count - 1}u)`, "n"),
    column,
    lane,
    part,
    exists,
    first: conditions.length === 0 ? undefined : conditions.join(" && "),
  };
};

/** Lines under a condition, if there is one. */
export const when = (s: Source, condition: string | undefined, body: () => void): void =>
  condition === undefined ? body() : s.if(condition, body);
