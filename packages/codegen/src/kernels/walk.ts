import type { Source } from "../source.ts";
import { type Fold, mergeStates, startStates } from "./fold.ts";

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

/** Elements that one invocation has under way at a time, by the nodes that each takes. */
export const unrollOf = (nodes: number): number => (nodes <= 8 ? 8 : nodes <= 40 ? 4 : nodes <= 120 ? 2 : 1);

/** Rounds after which sums are set aside, so that a total and what is added to it stay of similar size. */
const roundsOfBlock = 32;

const plus = (a: number | string, b: number | string): string => {
  if (typeof a === "number" && typeof b === "number") return `${a + b}`;
  const terms = [a, b].filter((term) => term !== 0 && term !== "0");
  return terms.length === 0 ? "0" : terms.join(" + ");
};

/** Folds the positions of a span, `unroll` of them at a time into states of their own; `step` takes one position into states. */
export const walk = (
  s: Source,
  folds: readonly Fold[],
  { lane, lanes, start, end, length, exact }: Span,
  unroll: number,
  step: (states: readonly (readonly string[])[], position: string) => void,
): string[][] => {
  const stride = lanes * unroll;
  const totals = startStates(s, folds, plus(start, lane));
  if (folds.length === 0 || length === 0) return totals;
  const rounds = Math.floor(length / stride);
  if (unroll === 1 || rounds === 0) {
    s.for(plus(start, lane), end, (i) => step(totals, i), lanes);
    return totals;
  }
  const whole =
    exact && typeof start === "number"
      ? start + rounds * stride
      : exact && length % stride === 0
        ? end
        : s.let("int32", `${end} - (${end} - ${start}) % ${stride}`, "whole");

  /** The positions from `from`, the invocation's own first one, to `to`. */
  const block = (from: string, to: number | string): void => {
    const parts = Array.from({ length: unroll }, (_, k) => startStates(s, folds, plus(from, k * lanes)));
    s.for(
      from,
      to,
      (i) => {
        parts.forEach((states, k) => {
          step(states, k === 0 ? i : s.let("int32", `${i} + ${k * lanes}`, "p"));
        });
      },
      stride,
    );
    const merge = (into: readonly string[][], other: readonly string[][]): void => {
      mergeStates(s, folds, into, other.flat());
    };
    for (let apart = 1; apart < unroll; apart *= 2) {
      for (let k = 0; k + apart < unroll; k += 2 * apart) merge(parts[k] as string[][], parts[k + apart] as string[][]);
    }
    merge(totals, parts[0] as string[][]);
  };

  if (rounds <= 2 * roundsOfBlock) block(plus(start, lane), whole);
  else {
    const size = roundsOfBlock * stride;
    s.for(
      start,
      whole,
      (b) => block(s.let("int32", plus(b, lane), "from"), s.let("int32", `min(${b} + ${size}, ${whole})`, "to")),
      size,
    );
  }
  if (!exact || length % stride !== 0) s.for(plus(whole, lane), end, (i) => step(totals, i), lanes);
  return totals;
};
