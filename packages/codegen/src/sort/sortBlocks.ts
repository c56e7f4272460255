import type { Limits, Pass } from "../program.ts";
import { invocation, type Source } from "../source.ts";
import type { PairSource, PairTarget } from "./pairs.ts";

/** Most pairs that one invocation carries. */
const mostEach = 8;

/** Pairs that a workgroup sorts in its own memory. */
export const blockSize = ({ workgroup, sharedBytes }: Limits): number =>
  Math.min(mostEach * workgroup, Math.floor(sharedBytes / 8));

interface Blocks {
  readonly rows: number;
  readonly length: number;
  /** Pairs of each block that are stored, one block's after the other's. */
  readonly keep: number;
}

/** One pair of an invocation. */
interface Slot {
  /** Its place in the memory of the workgroup, and that of its row there. */
  readonly place: string;
  readonly base: string;
  /** The row, and the place in the row's part here. */
  readonly row: string;
  readonly at: string;
  readonly there: string;
}

/** Sorts blocks of rows, several short rows in one workgroup, by merging runs of 1, 2, 4, ... pairs. */
export const blockPass = (s: Source, from: PairSource, to: PairTarget, { rows, length, keep }: Blocks): Pass => {
  const { dialect, limits } = s;
  const threads = limits.workgroup;
  const span = Math.min(length, blockSize(limits));
  const blocks = Math.ceil(length / span);
  const together = blocks > 1 ? 1 : Math.max(1, Math.floor(threads / length));
  const groups = blocks > 1 ? rows * blocks : Math.ceil(rows / together);
  const keys = s.shared("uint32", span * together, "keys");
  const numbers = s.shared("int32", span * together, "numbers");
  s.line(`if (${invocation.group} >= ${groups}u) { return; }`);
  const local = s.let("int32", dialect.toInt(invocation.local), "local");
  const group = s.let("int32", dialect.toInt(invocation.group), "group");
  const block = blocks > 1 ? s.let("int32", `${group} % ${blocks}`, "block") : "0";
  const row = blocks > 1 ? s.let("int32", `${group} / ${blocks}`, "row") : group;
  const valid = blocks > 1 ? s.let("int32", `min(${span}, ${length} - ${block} * ${span})`, "valid") : `${length}`;
  const slots = Array.from({ length: Math.ceil((span * together) / threads) }, (_, j): Slot => {
    const place = j === 0 ? local : s.let("int32", `${local} + ${j * threads}`, "e");
    if (together === 1) {
      return { place, base: "0", row, at: place, there: s.let("bool", `${place} < ${valid}`, "there") };
    }
    const number = s.let("int32", `${place} / ${length}`, "r");
    const own = s.let("int32", `${group} * ${together} + ${number}`, "row");
    const base = s.let("int32", `${number} * ${length}`, "base");
    const at = s.let("int32", `${place} - ${base}`, "at");
    return { place, base, row: own, at, there: s.let("bool", `${number} < ${together} && ${own} < ${rows}`, "there") };
  });
  const inRow = (at: string, size: number): string =>
    blocks > 1 ? s.let("int32", `${block} * ${size} + ${at}`, "i") : at;
  for (const slot of slots) {
    s.if(slot.there, () => {
      const { key, number } = from.load(slot.row, inRow(slot.at, span));
      s.line(`${keys}[${slot.place}] = ${key};`);
      s.line(`${numbers}[${slot.place}] = ${number};`);
    });
  }
  s.barrier();
  const stages = Math.ceil(Math.log2(span));
  if (stages > 0) {
    s.for(0, stages, (stage) => {
      const width = s.let("int32", dialect.toInt(`(1u << ${dialect.toUint(stage)})`), "width");
      const moved = slots.map((slot) => rank(s, keys, numbers, slot, width, valid));
      s.barrier();
      for (const { there, place, key, number } of moved) {
        s.if(there, () => {
          s.line(`${keys}[${place}] = ${key};`);
          s.line(`${numbers}[${place}] = ${number};`);
        });
      }
      s.barrier();
    });
  }
  for (const { there, place, row: own, at } of slots) {
    s.if(keep < span ? `${there} && ${at} < ${keep}` : there, () => {
      const key = s.let("uint32", `${keys}[${place}]`);
      const number = s.let("int32", `${numbers}[${place}]`);
      to.store(own, inRow(at, keep), key, number);
    });
  }
  return s.finish("sort blocks", threads, groups);
};

/** Takes a pair up and finds its place after two runs of `width` pairs are merged: those of the other run before it are counted. */
const rank = (s: Source, keys: string, numbers: string, slot: Slot, width: string, valid: string) => {
  const { dialect } = s;
  const { there, at, base } = slot;
  const key = s.variable("uint32", undefined, "key");
  const number = s.variable("int32", undefined, "number");
  const place = s.variable("int32", undefined, "to");
  const element = (i: string): string => (base === "0" ? i : `${base} + ${i}`);
  s.if(there, () => {
    s.line(`${key} = ${keys}[${slot.place}];`);
    s.line(`${number} = ${numbers}[${slot.place}];`);
    const start = s.let("int32", `${at} / (2 * ${width}) * (2 * ${width})`, "start");
    const middle = s.let("int32", `min(${start} + ${width}, ${valid})`, "middle");
    const end = s.let("int32", `min(${middle} + ${width}, ${valid})`, "end");
    const left = s.let("bool", `${at} < ${middle}`, "left");
    const first = s.let("int32", dialect.select(left, middle, start), "first");
    const before = countBefore(s, first, dialect.select(left, end, middle), key, `!${left}`, (i) =>
      s.let("uint32", `${keys}[${element(i)}]`),
    );
    s.line(`${place} = ${element(at)} + ${before} - ${first} + ${dialect.select(left, "0", `${start} - ${middle}`)};`);
  });
  return { there, place, key, number };
};

/** The name of the first place in a sorted run from `first` up to, without, `end` whose key is larger than `key`, or as large unless `ties`. */
export const countBefore = (
  s: Source,
  first: string,
  end: string,
  key: string,
  ties: string,
  keyAt: (place: string) => string,
): string => {
  const low = s.variable("int32", first, "low");
  const high = s.variable("int32", end, "high");
  s.block(`while (${low} < ${high})`, () => {
    const middle = s.let("int32", `(${low} + ${high}) / 2`, "m");
    const other = keyAt(middle);
    s.if(
      `${other} < ${key} || (${ties} && ${other} == ${key})`,
      () => s.line(`${low} = ${middle} + 1;`),
      () => s.line(`${high} = ${middle};`),
    );
  });
  return low;
};
