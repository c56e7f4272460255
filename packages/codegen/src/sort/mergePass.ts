import { itemPass } from "../itemPass.ts";
import type { Pass } from "../program.ts";
import type { Source } from "../source.ts";
import { firstAfter } from "./firstAfter.ts";
import type { PairsInScratch, PairTarget } from "./pairs.ts";

interface Runs {
  readonly rows: number;
  readonly length: number;
  /** Pairs of one sorted run, and how many runs become one. */
  readonly run: number;
  readonly merged: number;
  /** Pairs of each row that are stored. */
  readonly keep: number;
}

/** Merges sorted runs: an invocation for each pair counts the pairs of the other runs that come before it. */
export const mergePass = (s: Source, from: PairsInScratch, to: PairTarget, runs: Runs): Pass => {
  const { rows, length, run, merged, keep } = runs;
  const { dialect } = s;
  return itemPass(s, "merge runs", rows * length, (id) => {
    const row = rows === 1 ? "0" : s.let("int32", dialect.toInt(`(${id} / ${length}u)`), "row");
    const at = s.let("int32", dialect.toInt(rows === 1 ? id : `(${id} % ${length}u)`), "at");
    const { key, number } = from.load(row, at);
    const start = s.let("int32", `${at} / ${run * merged} * ${run * merged}`, "start");
    const own = s.let("int32", `(${at} - ${start}) / ${run}`, "own");
    const place = s.variable("int32", `${at} - ${own} * ${run}`, "to");
    const others = Math.min(merged, Math.ceil(length / run));
    s.for(0, others, (r) => {
      const first = s.let("int32", `${start} + ${r} * ${run}`, "first");
      s.if(`${r} != ${own} && ${first} < ${length}`, () => {
        const end = `min(${first} + ${run}, ${length})`;
        const before = firstAfter(s, first, end, key, `${r} < ${own}`, (i) => from.key(row, i));
        s.line(`${place} += ${before} - ${first};`);
      });
    });
    const store = (): void => to.store(row, place, key, number);
    if (keep < length) s.if(`${place} < ${keep}`, store);
    else store();
  });
};
