import type { Pass } from "../program.ts";
import { invocation, type Source } from "../source.ts";
import type { Running, State } from "./running.ts";

/** How a workgroup covers the lines of a scan: `columns` lines at once, each cut into `segments` of `each` elements. */
export interface ScanTile {
  readonly columns: number;
  readonly segments: number;
  readonly each: number;
}

/** A scan of lines in blocks, the elements that a workgroup covers at once. */
export interface BlockScan {
  readonly running: Running;
  readonly lines: number;
  readonly length: number;
  readonly exclusive: boolean;
  /** Whether each block has a workgroup of its own; otherwise one goes through all blocks of a line. */
  readonly apart: boolean;
  /** Coordinates of a line; its number is a uint32. */
  line(number: string): readonly string[];
  load(line: readonly string[], i: string): State;
  /** What becomes of a result. */
  store?(line: readonly string[], i: string, state: State): void;
  /** What comes before a block (an int32) of a line (an int32); nothing where missing. */
  before?(line: string, block: string): State;
  /** What becomes of the state of a whole block. */
  total?(line: string, block: string, state: State): void;
}

/** Sets variables to a state. */
const set = (s: Source, names: readonly string[], state: State): void => {
  for (const [i, name] of names.entries()) if (name !== state[i]) s.line(`${name} = ${state[i]};`);
};

/** One pass over all blocks: segments are folded, what is before each of them is found together, and the results follow. */
export const blockScan = (s: Source, name: string, tile: ScanTile, scan: BlockScan): Pass => {
  const { columns, segments, each } = tile;
  const { running, lines, length, exclusive } = scan;
  const { dialect } = s;
  const threads = columns * segments;
  const blocks = Math.ceil(length / (segments * each));
  const groups = Math.ceil(lines / columns) * (scan.apart ? blocks : 1);
  const shared = running.types.map((type) => s.shared(type, 2 * threads));
  const variables = (): string[] => running.types.map((type, i) => s.variable(type, running.start[i]));
  const share = (place: string, state: State): void => {
    for (const [i, array] of shared.entries()) s.line(`${array}[${place}] = ${state[i]};`);
  };
  const sharedAt = (place: string): State => running.types.map((type, i) => s.let(type, `${shared[i]}[${place}]`));

  s.line(`if (${invocation.group} >= ${groups}u) { return; }`);
  const local = s.let("int32", dialect.toInt(invocation.local), "local");
  const group = s.let("int32", dialect.toInt(invocation.group), "group");
  const column = columns === 1 ? "0" : s.let("int32", `${local} % ${columns}`, "column");
  const segment = columns === 1 ? local : s.let("int32", `${local} / ${columns}`, "segment");
  const several = scan.apart && blocks > 1;
  const number = several ? `${group} / ${blocks}` : group;
  const line = s.let("int32", columns === 1 ? number : `${number} * ${columns} + ${column}`, "line");
  const here = s.let("bool", `${line} < ${lines}`, "here");
  const coordinates = scan.line(dialect.toUint(line));
  const carry = variables();

  /** The name of the place from which on the shared memory holds the states up to the end of each segment. */
  const block = (at: string): string => {
    const first = s.let("int32", `(${at} * ${segments} + ${segment}) * ${each}`, "first");
    const places = Array.from({ length: each }, (_, k) => (k === 0 ? first : s.let("int32", `${first} + ${k}`, "i")));
    const inside = places.map((place) => `${here} && ${place} < ${length}`);
    const elements = places.map((place, k) => {
      const state = variables();
      s.if(inside[k] as string, () => set(s, state, scan.load(coordinates, place)));
      return state;
    });
    const whole = variables();
    set(
      s,
      whole,
      elements.reduce<State>((sum, x, k) => (k === 0 ? x : running.merge(sum, x)), elements[0] as State),
    );
    share(local, whole);
    s.barrier();
    const source = s.variable("int32", "0", "source");
    const step = s.variable("int32", `${columns}`, "step");
    s.block(`while (${step} < ${threads})`, () => {
      const target = s.let("int32", `${threads} - ${source}`, "target");
      s.if(`${local} >= ${step}`, () => {
        set(s, whole, running.merge(sharedAt(`${source} + ${local} - ${step}`), whole));
      });
      share(`${target} + ${local}`, whole);
      s.barrier();
      s.line(`${source} = ${target};`);
      s.line(`${step} = 2 * ${step};`);
    });
    if (scan.before !== undefined) {
      s.if(here, () => set(s, carry, scan.before?.(line, at) as State));
    }
    if (scan.total !== undefined) {
      s.if(`${here} && ${segment} == ${segments - 1}`, () => scan.total?.(line, at, whole));
    }
    if (scan.store !== undefined) {
      let sum: State = variables();
      set(s, sum, carry);
      s.if(`${segment} > 0`, () => set(s, sum, running.merge(carry, sharedAt(`${source} + ${local} - ${columns}`))));
      elements.forEach((x, k) => {
        const next = running.merge(sum, x);
        s.if(inside[k] as string, () => scan.store?.(coordinates, places[k] as string, exclusive ? sum : next));
        sum = next;
      });
    }
    return source;
  };
  if (several) block(s.let("int32", `${group} % ${blocks}`, "block"));
  else if (blocks === 1) block("0");
  else {
    s.for(0, blocks, (at) => {
      const source = block(at);
      set(s, carry, running.merge(carry, sharedAt(`${source} + ${threads - columns} + ${column}`)));
      s.barrier();
    });
  }
  return s.finish(name, threads, groups);
};
