import type { Source } from "../source.ts";
import { type Fold, mergeStates, startStates } from "./fold.ts";
import { powerBelow } from "./tile.ts";

/** The positions that an invocation takes: `start + lane`, and every `lanes`-th from there on, below `end`. */
export interface Span {
  readonly lane: string;
  readonly lanes: number;
  readonly start: number | string;
  readonly end: number | string;
  /** Number of positions from `start` to `end`; less only where `exact` is false. */
  readonly length: number;
  readonly exact: boolean;
}

/** Elements that one invocation has under way at a time, by what each costs. */
export const unrollOf = (cost: number): number => (cost <= 8 ? 8 : cost <= 40 ? 4 : cost <= 120 ? 2 : 1);

/** Rounds after which sums are set aside, so that a total and what is added to it stay of similar size. */
const roundsOfBlock = 32;

const plus = (a: number | string, b: number | string): string => {
  if (typeof a === "number" && typeof b === "number") return `${a + b}`;
  const terms = [a, b].filter((term) => term !== 0 && term !== "0");
  return terms.length === 0 ? "0" : terms.join(" + ");
};

/**
 * Folds the positions of a span, up to `most` of them at a time; `step` takes one position into states. Where steps round, the positions of a
 * round go to states of their own.
 */
export const walk = (
  s: Source,
  folds: readonly Fold[],
  { lane, lanes, start, end, length, exact }: Span,
  most: number,
  step: (states: readonly (readonly string[])[], position: string) => void,
): string[][] => {
  const unroll = Math.min(most, powerBelow(length / lanes));
  const stride = lanes * unroll;
  const totals = startStates(s, folds, plus(start, lane));
  if (folds.length === 0 || length === 0) return totals;
  const rounds = Math.floor(length / stride);
  if (unroll === 1) {
    s.for(plus(start, lane), end, (i) => step(totals, i), lanes);
    return totals;
  }
  const whole =
    exact && typeof start === "number"
      ? start + rounds * stride
      : exact && length % stride === 0
        ? end
        : s.let("int32", `${end} - (${end} - ${start}) % ${stride}`, "whole");
  const rounding = folds.filter((fold) => fold.rounds);
  const ofRounding = (states: readonly string[][]): string[][] => states.filter((_, k) => folds[k]?.rounds);

  /** The positions from `from`, the invocation's own first one, to `to`. */
  const block = (from: string, to: number | string): void => {
    const parts = Array.from({ length: unroll }, () => {
      const own = startStates(s, rounding, from);
      return totals.map((total, k) => (folds[k]?.rounds ? (own.shift() as string[]) : total));
    });
    const round = (i: string): void => {
      for (const [k, states] of parts.entries()) step(states, k === 0 ? i : s.let("int32", `${i} + ${k * lanes}`, "p"));
    };
    s.for(from, to, round, stride);
    const merge = (into: string[][], other: string[][]): void =>
      mergeStates(s, rounding, ofRounding(into), ofRounding(other).flat());
    for (let apart = 1; apart < unroll; apart *= 2) {
      for (let k = 0; k + apart < unroll; k += 2 * apart) merge(parts[k] as string[][], parts[k + apart] as string[][]);
    }
    merge(totals, parts[0] as string[][]);
  };

  if (rounds <= 2 * roundsOfBlock || rounding.length === 0) block(plus(start, lane), whole);
  else {
    const size = roundsOfBlock * stride;
    const next = (b: string): void =>
      block(s.let("int32", plus(b, lane), "from"), s.let("int32", `min(${b} + ${size}, ${whole})`, "to"));
    s.for(start, whole, next, size);
  }
  if (!exact || length % stride !== 0) s.for(plus(whole, lane), end, (i) => step(totals, i), lanes);
  return totals;
};
