import type { Dialect } from "../dialect.ts";
import type { Limits, Pass } from "../program.ts";
import { Source } from "../source.ts";
import { blockPass, blockSize } from "./blockPass.ts";
import { mergePass } from "./mergePass.ts";
import { type PairSource, PairsInScratch, type PairTarget } from "./pairs.ts";

/** Rows of pairs to be put in the order of their keys; pairs of one key keep their order. */
export interface SortJob {
  readonly rows: number;
  readonly length: number;
  /** How many of each row are wanted. */
  readonly count: number;
  /** Where the pairs come from and where they go, in the code of a pass. */
  open(s: Source): PairSource & PairTarget;
}

/** Up to so many pairs, passes cost more than the work in them, and a pass merges many runs. */
const fewPairs = 65536;

/**
 * Sorts blocks in the memory of workgroups. Where only a few are wanted, the first of each block go on to be sorted in blocks again; else
 * the blocks are merged. Scratch buffers are appended to `scratch`.
 */
export const sortPasses = (job: SortJob, dialect: Dialect, limits: Limits, scratch: number[]): Pass[] => {
  const { rows, count } = job;
  const block = blockSize(limits);
  const merged = rows * job.length <= fewPairs ? 16 : 4;
  const passes: Pass[] = [];
  const places = [scratch.length, scratch.length + 2] as const;
  /** Where the pairs lie between passes, and how many there are in a row. */
  let place = places[1] as number;
  let length = job.length;

  const inScratch = (s: Source, access: "read" | "write"): PairsInScratch =>
    new PairsInScratch(s, place, rows, length, access);
  const moveOn = (next: number): void => {
    place = place === places[0] ? places[1] : places[0];
    length = next;
    for (const i of [place, place + 1]) scratch[i] = Math.max(scratch[i] ?? 0, 4 * rows * length);
  };

  const source = (s: Source, own: PairSource): PairSource => (passes.length === 0 ? own : inScratch(s, "read"));

  while (length > block && count <= block / 2) {
    const s = new Source(dialect, limits);
    const from = source(s, job.open(s));
    const blocks = { rows, length, keep: count };
    const last = length % block || block;
    moveOn((Math.ceil(length / block) - 1) * count + Math.min(count, last));
    passes.push(blockPass(s, from, inScratch(s, "write"), blocks));
  }
  const s = new Source(dialect, limits);
  const own = job.open(s);
  const from = source(s, own);
  if (length <= block) {
    passes.push(blockPass(s, from, own, { rows, length, keep: count }));
    return passes;
  }
  moveOn(length);
  passes.push(blockPass(s, from, inScratch(s, "write"), { rows, length, keep: block }));
  for (let run = block; run < length; run *= merged) {
    const s = new Source(dialect, limits);
    const from = inScratch(s, "read");
    const last = run * merged >= length;
    if (!last) moveOn(length);
    const to: PairTarget = last ? job.open(s) : inScratch(s, "write");
    passes.push(mergePass(s, from, to, { rows, length, run, merged, keep: last ? count : length }));
  }
  return passes;
};
