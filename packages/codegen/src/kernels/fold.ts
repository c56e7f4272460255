import { type BinaryOp, type ComputeType, highest, isFloat, lowest, type Reduction } from "@gradloom/backend";
import type { Source } from "../source.ts";

/**
 * A reduction that is calculated in pieces. What is known of a piece is its state: one value for each of `types`. States are names of
 * variables; what is merged into them are names or literals.
 */
export interface Fold {
  readonly types: readonly ComputeType[];
  /** Whether rounding makes the state worse with every step. */
  readonly rounds: boolean;
  /** Values of the state of no elements, of a piece that begins at a position (text of an int32). */
  start(s: Source, position: string): string[];
  /** Takes the next element in; the positions of a piece ascend. */
  step(s: Source, state: readonly string[], x: string, position: string): void;
  /** Takes another piece in; either way round gives the same bits. */
  merge(s: Source, state: readonly string[], other: readonly string[]): void;
  result(s: Source, state: readonly string[]): string;
}

/** The state is one value, `op` of all elements. */
const by = (op: BinaryOp, type: ComputeType, identity: number): Fold => {
  const merge: Fold["merge"] = (s, [a], [b]) =>
    s.line(`${a} = ${s.dialect.binary(op, type, a as string, b as string, s.use)};`);
  return {
    types: [type],
    rounds: isFloat(type),
    start: (s) => [s.dialect.constant(type, identity, s.use)],
    step: (s, state, x) => merge(s, state, [x]),
    merge,
    result: (_, [a]) => a as string,
  };
};

/** Booleans as 0 and 1: every memory can hold those. */
const logical = (op: "and" | "or", identity: number): Fold => {
  const bits = by(op, "uint32", identity);
  return {
    ...bits,
    step: (s, state, x) => bits.merge(s, state, [s.dialect.select(x, "1u", "0u")]),
    result: (_, [a]) => `${a} != 0u`,
  };
};

/** What the hardware takes for the extreme when numbers and NaN meet is not defined, so NaN is counted apart. */
const extreme = (op: "max" | "min", type: ComputeType, identity: number): Fold => {
  const most: Pick<Fold, "types" | "start" | "step" | "merge"> = {
    types: [type],
    start: (s) => [s.dialect.constant(type, identity, s.use)],
    step: (s, [a], x) => s.line(`${a} = ${op}(${a}, ${x});`),
    merge: (s, [a], [b]) => s.line(`${a} = ${op}(${a}, ${b});`),
  };
  if (!isFloat(type)) return { ...most, rounds: false, result: (_, [a]) => a as string };
  const isNaN = (s: Source, x: string): string => s.dialect.select(s.call("isNaN", x), "1u", "0u");
  return {
    types: [type, "uint32"],
    rounds: false,
    start: (s, position) => [...most.start(s, position), "0u"],
    step: (s, [a, n], x, position) => {
      most.step(s, [a as string], x, position);
      s.line(`${n} |= ${isNaN(s, x)};`);
    },
    merge: (s, [a, n], [b, m]) => {
      most.merge(s, [a as string], [b as string]);
      s.line(`${n} |= ${m};`);
    },
    result: (s, [a, n]) => s.dialect.select(`${n} != 0u`, s.dialect.constant(type, Number.NaN, s.use), a as string),
  };
};

/**
 * The extreme and its position. No element beats the identity in a piece that is full of it: then the piece's begin is the position,
 * and of equal pieces the earlier one counts.
 */
const positionOf = (compare: ">" | "<", type: ComputeType, identity: number): Fold => {
  const beats = (s: Source, x: string, y: string): string =>
    isFloat(type)
      ? `(!${s.call("isNaN", y)} & (${s.call("isNaN", x)} | (${x} ${compare} ${y})))`
      : `(${x} ${compare} ${y})`;
  const take = (s: Source, [a, p]: readonly string[], x: string, position: string, condition: string): void => {
    const taken = s.let("bool", condition, "taken");
    s.line(`${a} = ${s.dialect.select(taken, x, a as string)};`);
    s.line(`${p} = ${s.dialect.select(taken, position, p as string)};`);
  };
  return {
    types: [type, "int32"],
    rounds: false,
    start: (s, position) => [s.dialect.constant(type, identity, s.use), position],
    step: (s, state, x, position) => take(s, state, x, position, beats(s, x, state[0] as string)),
    merge: (s, state, [b, q]) => {
      const [a, p] = state as [string, string];
      const ahead = `(!${beats(s, a, b as string)} & (${q} < ${p}))`;
      take(s, state, b as string, q as string, `${beats(s, b as string, a)} | ${ahead}`);
    },
    result: (_, [, p]) => p as string,
  };
};

/** A fold for each reduction, by the type of what is folded. */
export const folds: Readonly<Record<Reduction, (type: ComputeType) => Fold>> = {
  sum: (type) => by("add", type, 0),
  prod: (type) => by("mul", type, 1),
  any: () => logical("or", 0),
  all: () => logical("and", 1),
  max: (type) => extreme("max", type, lowest(type)),
  min: (type) => extreme("min", type, highest(type)),
  argmax: (type) => positionOf(">", type, lowest(type)),
  argmin: (type) => positionOf("<", type, highest(type)),
};

/** Variables for the states of a piece that begins at `position`. */
export const startStates = (s: Source, each: readonly Fold[], position: string): string[][] =>
  each.map((fold) =>
    fold.start(s, position).map((value, i) => s.variable(fold.types[i] as ComputeType, value, "state")),
  );

/** Merges other states, one value after the other, into `states`. */
export const mergeStates = (
  s: Source,
  folds: readonly Fold[],
  states: readonly (readonly string[])[],
  others: readonly string[],
): void => {
  let at = 0;
  folds.forEach((fold, k) => {
    fold.merge(s, states[k] as string[], others.slice(at, at + fold.types.length));
    at += fold.types.length;
  });
};

/** What a step of the folds costs, in the way that a node of an expression costs 1. */
export const stepCost = (each: readonly Fold[]): number => 3 * each.flatMap(({ types }) => types).length;

/** Bytes of the states. */
export const stateBytes = (each: readonly Fold[]): number =>
  each.flatMap(({ types }) => types).reduce((bytes, type) => bytes + (type === "float64" ? 8 : 4), 0);
