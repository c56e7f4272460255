import { type ScanKernel, sizeOf } from "@gradloom/backend";
import type { Dialect } from "../dialect.ts";
import type { GpuProgram, Limits } from "../program.ts";
import { longScan } from "../scan/longScan.ts";
import { ScanElements } from "../scan/ScanElements.ts";
import { blockScan, type ScanTile } from "../scan/scanBlocks.ts";
import { scanLines } from "../scan/scanLines.ts";
import { Source } from "../source.ts";

/** Lines up to this length are followed by one invocation each, */
const shortLine = 16;
/** and so are lines up to this one where there are many of them side by side in memory. */
const mediumLine = 512;
const manyLines = 8192;

/** Elements of one segment, which an invocation carries. */
const each = 8;
/** Lines side by side that a workgroup covers at once, so that it reads neighbours. */
const sideBySide = 16;
/** Least number of invocations of a workgroup. */
const fewThreads = 64;
/** So many workgroups keep a device busy: each can take all blocks of its lines. */
const manyGroups = 64;

const powerFrom = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** How workgroups cover lines of `length` elements of which `inner` lie side by side. */
export const tileOf = (length: number, inner: number, limits: Limits): ScanTile => {
  const threads = 2 ** Math.floor(Math.log2(limits.workgroup));
  const needed = powerFrom(length / each);
  const columns = Math.min(threads, Math.max(Math.min(sideBySide, powerFrom(inner)), fewThreads / needed));
  return { columns, segments: Math.min(needed, threads / columns), each };
};

/** Scans: short lines by one invocation each, others by workgroups, and few long ones block by block in three passes. */
export const compileScan = (kernel: ScanKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { shape, axis, exclusive, operation } = kernel;
  if (shape.includes(0)) return { passes: [], scratch: [] };
  const length = shape[axis] as number;
  const lines = sizeOf(shape) / length;
  const inner = sizeOf(shape.slice(axis + 1));
  const s = new Source(dialect, limits);
  if (length <= shortLine || (length <= mediumLine && lines >= manyLines && inner >= 2 * sideBySide)) {
    return { passes: [scanLines(kernel, s)], scratch: [] };
  }
  const tile = tileOf(length, inner, limits);
  const few = Math.ceil(lines / tile.columns) < manyGroups;
  if (few && length > tile.segments * each) return longScan(kernel, tile, tileOf, dialect, limits);
  const elements = new ScanElements(s, kernel);
  const pass = blockScan(s, `${operation} scan`, tile, {
    running: elements.running,
    lines,
    length,
    exclusive,
    apart: false,
    line: (number) => elements.line(number),
    load: (line, i) => elements.load(line, i),
    store: (line, i, state) => elements.store(line, i, state),
  });
  return { passes: [pass], scratch: [] };
};
