import type { Limits, Pass } from "../program.ts";
import { invocation, type Source } from "../source.ts";
import { firstAfter } from "./firstAfter.ts";
import type { PairSource, PairTarget } from "./pairs.ts";

/** Most pairs that a workgroup sorts in its own memory, and the bytes that each takes there. */
const mostPairs = 1024;
const pairBytes = 16;
const fewThreads = 32;

/** Pairs that a workgroup sorts in its own memory. */
export const blockSize = ({ sharedBytes }: Limits): number =>
  Math.min(mostPairs, 2 ** Math.floor(Math.log2(sharedBytes / pairBytes)));

interface Blocks {
  readonly rows: number;
  readonly length: number;
  /** Pairs of each block that are stored, one block's after the other's. */
  readonly keep: number;
}

/**
 * Sorts blocks of rows, or several short rows in one workgroup, by merging runs of 1, 2, 4, ... pairs: each pair counts those of the other
 * run that come before it, and goes to its place in the other half of the memory.
 */
export const blockPass = (s: Source, from: PairSource, to: PairTarget, { rows, length, keep }: Blocks): Pass => {
  const { dialect, limits } = s;
  const span = Math.min(length, blockSize(limits));
  const blocks = Math.ceil(length / span);
  const together = blocks > 1 ? 1 : Math.max(1, Math.min(rows, Math.floor(limits.workgroup / length)));
  const groups = blocks > 1 ? rows * blocks : Math.ceil(rows / together);
  const pairs = span * together;
  const threads = Math.min(limits.workgroup, Math.max(fewThreads, 2 ** Math.ceil(Math.log2(pairs))));
  const keys = s.shared("uint32", 2 * pairs, "keys");
  const numbers = s.shared("int32", 2 * pairs, "numbers");
  s.line(`if (${invocation.group} >= ${groups}u) { return; }`);
  const local = s.let("int32", dialect.toInt(invocation.local), "local");
  const group = s.let("int32", dialect.toInt(invocation.group), "group");
  const block = blocks > 1 ? s.let("int32", `${group} % ${blocks}`, "block") : "0";
  const number = blocks > 1 ? `${group} / ${blocks}` : `${group} * ${together}`;
  const firstRow = rows === 1 ? "0" : s.let("int32", number, "row");
  const valid = blocks > 1 ? s.let("int32", `min(${span}, ${length} - ${block} * ${span})`, "valid") : `${length}`;
  const count = together > 1 ? s.let("int32", `min(${together}, ${rows} - ${firstRow}) * ${length}`, "count") : valid;

  /** Visits the pairs of this invocation: `pair` in the memory of the workgroup, `at` in a row that begins at `base` there. */
  const each = (body: (pair: string, row: string, base: string, at: string) => void): void =>
    s.for(
      local,
      count,
      (pair) => {
        if (together === 1) {
          body(pair, firstRow, "0", pair);
          return;
        }
        const row = s.let("int32", `${pair} / ${length}`, "r");
        const base = s.let("int32", `${row} * ${length}`, "base");
        const at = s.let("int32", `${pair} - ${base}`, "at");
        body(pair, s.let("int32", `${firstRow} + ${row}`, "row"), base, at);
      },
      threads,
    );
  const inRow = (at: string, size: number): string =>
    blocks > 1 ? s.let("int32", `${block} * ${size} + ${at}`, "i") : at;

  each((pair, row, _, at) => {
    const { key, number } = from.load(row, inRow(at, span));
    s.line(`${keys}[${pair}] = ${key};`);
    s.line(`${numbers}[${pair}] = ${number};`);
  });
  s.barrier();
  const source = s.variable("int32", "0", "source");
  const width = s.variable("int32", "1", "width");
  if (span > 1) {
    s.block(`while (${width} < ${span})`, () => {
      const target = s.let("int32", `${pairs} - ${source}`, "target");
      each((pair, _, base, at) => {
        const key = s.let("uint32", `${keys}[${source} + ${pair}]`, "key");
        const number = s.let("int32", `${numbers}[${source} + ${pair}]`, "number");
        const start = s.let("int32", `${at} / (2 * ${width}) * (2 * ${width})`, "start");
        const middle = s.let("int32", `min(${start} + ${width}, ${valid})`, "middle");
        const end = s.let("int32", `min(${middle} + ${width}, ${valid})`, "end");
        const left = s.let("bool", `${at} < ${middle}`, "left");
        const first = s.let("int32", dialect.select(left, middle, start), "first");
        const run = s.let("int32", `${source} + ${base}`, "run");
        const before = firstAfter(s, first, dialect.select(left, end, middle), key, `!${left}`, (i) =>
          s.let("uint32", `${keys}[${run} + ${i}]`),
        );
        const place = `${target} + ${pair} + ${before} - ${first} + ${dialect.select(left, "0", `${start} - ${middle}`)}`;
        const placed = s.let("int32", place, "to");
        s.line(`${keys}[${placed}] = ${key};`);
        s.line(`${numbers}[${placed}] = ${number};`);
      });
      s.barrier();
      s.line(`${source} = ${target};`);
      s.line(`${width} = 2 * ${width};`);
    });
  }
  each((pair, row, _, at) => {
    const store = (): void => {
      const sorted = s.let("int32", `${source} + ${pair}`, "e");
      const key = s.let("uint32", `${keys}[${sorted}]`, "key");
      const number = s.let("int32", `${numbers}[${sorted}]`, "number");
      to.store(row, inRow(at, keep), key, number);
    };
    if (keep < span) s.if(`${at} < ${keep}`, store);
    else store();
  });
  return s.finish("sort blocks", threads, groups);
};
