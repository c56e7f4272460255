import { type ComputeType, type ScanKernel, sizeOf } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import { Memory } from "../memory.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { Source } from "../source.ts";
import { runningOf, type State } from "./running.ts";
import { ScanElements } from "./ScanElements.ts";
import { type BlockScan, blockScan, type ScanTile } from "./scanBlocks.ts";

/** States of blocks in scratch buffers 0, 1, ..., one for each part: a row for each line. */
const blockStates = (
  s: Source,
  types: readonly ComputeType[],
  lines: number,
  blocks: number,
  access: "read" | "write",
) => {
  const parts = types.map((type, i) => new Memory(s, "scratch", i, type, 4 * lines * blocks, access));
  const place = (line: string, block: string): string => s.let("int32", `${line} * ${blocks} + ${block}`, "o");
  return {
    load: (line: string, block: string): State => {
      const at = place(line, block);
      return parts.map((part, i) => s.let(types[i] as ComputeType, part.load(at)));
    },
    store: (line: string, block: string, state: State): void => {
      const at = place(line, block);
      for (const [i, part] of parts.entries()) part.store(at, state[i] as string);
    },
  };
};

/** A workgroup for each block: the states of blocks are found first, then scanned, then each block knows what is before it. */
export const longScan = (
  kernel: ScanKernel,
  tile: ScanTile,
  tileOf: (length: number, inner: number, limits: Limits) => ScanTile,
  dialect: Dialect,
  limits: Limits,
): GpuProgram => {
  const { shape, axis, exclusive, operation } = kernel;
  const length = shape[axis] as number;
  const lines = sizeOf(shape) / length;
  const blocks = Math.ceil(length / (tile.segments * tile.each));
  const scanOf = (elements: ScanElements): BlockScan => ({
    running: elements.running,
    lines,
    length,
    exclusive,
    apart: true,
    line: (number) => elements.line(number),
    load: (line, i) => elements.load(line, i),
  });

  const first = new Source(dialect, limits);
  const unfolded = new ScanElements(first, kernel);
  const { types } = unfolded.running;
  const totals = blockStates(first, types, lines, blocks, "write");
  const fold = blockScan(first, `${operation} of blocks`, tile, { ...scanOf(unfolded), total: totals.store });

  const second = new Source(dialect, limits);
  const sums = blockStates(second, types, lines, blocks, "write");
  const carry = blockScan(second, `${operation} scan of blocks`, tileOf(blocks, 1, limits), {
    running: runningOf(second, kernel),
    lines,
    length: blocks,
    exclusive: true,
    apart: false,
    line: (number) => [second.let("int32", dialect.toInt(number), "row")],
    load: ([line], block) => sums.load(line as string, block),
    store: ([line], block, state) => sums.store(line as string, block, state),
  });

  const third = new Source(dialect, limits);
  const elements = new ScanElements(third, kernel);
  const before = blockStates(third, types, lines, blocks, "read");
  const scan = blockScan(third, `${operation} scan within blocks`, tile, {
    ...scanOf(elements),
    store: (line, i, state) => elements.store(line, i, state),
    before: before.load,
  });
  return { passes: [fold, carry, scan], scratch: types.map(() => 4 * lines * blocks) };
};
