import { collapse, type ReduceKernel } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import type { Dialect } from "../dialect.ts";
import { ExpressionPrinter } from "../expression.ts";
import type { GpuProgram, Limits, Pass } from "../program.ts";
import { Source } from "../source.ts";
import { combine } from "./combine.ts";
import { mergeStates, startStates, stateBytes, stepCost } from "./fold.ts";
import { Partials } from "./partials.ts";
import { Reductions } from "./reductions.ts";
import { chooseTile, fastDimensions, placeOf, type Tile, type Work, when } from "./tile.ts";
import { unrollOf, walk } from "./walk.ts";

/** Workgroups from which on a reduced range stays in one piece, and how many there are when it does not. */
const enoughGroups = 128;
const wantedGroups = 1024;
/** Elements of an invocation from which on a second pass is worth its start, and how many it keeps at least. */
const longShare = 128;
const shortShare = 32;

/** The length of the parts that the reduced range is cut into. */
const partLength = ({ count, length }: Work, { kept, lanes }: Tile, unroll: number): number => {
  const groups = Math.ceil(count / kept);
  const share = length / lanes;
  if (groups >= enoughGroups || share < longShare) return length;
  const parts = Math.min(wantedGroups / groups, share / shortShare);
  const step = lanes * unroll;
  return Math.ceil(length / parts / step) * step;
};

/**
 * Reduce kernels. One pass: each kept element is folded by the lanes of a tile. Where there are few and long ones, the workgroups of a
 * first pass fold parts of them into scratch memory, and a second pass folds those.
 */
export const compileReduce = (original: ReduceKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const kernel = collapse(original);
  const reductions = new Reductions(kernel);
  const { count, length, folds } = reductions;
  if (count === 0) return { passes: [], scratch: [] };
  const [reducing = []] = reductions.passes;
  const { inside, kept } = reductions.behind(reducing.map(({ arg }) => arg));
  const work: Work = {
    count,
    length: reducing.length === 0 ? 1 : length,
    fast: fastDimensions(kernel),
    state: stateBytes(folds),
  };
  const tile = chooseTile(work, limits);
  const unroll = unrollOf(inside.length + stepCost(folds));
  // A second pass does without what is read along the range: with its scratch buffer it binds no more buffers than the kernel has.
  const splits = kernel.inputs.length === 0 || inside.some((id) => kernel.nodes[id]?.op === "load");
  const part = splits ? partLength(work, tile, unroll) : work.length;
  const parts = Math.max(1, Math.ceil(work.length / Math.max(1, part)));

  const s = new Source(dialect, limits);
  const buffers = new Buffers(s, kernel);
  const place = placeOf(s, tile, count, parts);
  const { printer, position } = reductions.keptPrinter(s, buffers, place.kept);
  for (const id of kept) printer.value(id);
  const start = parts === 1 ? 0 : s.let("int32", `${place.part} * ${part}`, "start");
  const exact = parts * part === work.length;
  const end =
    parts === 1
      ? work.length
      : s.let("int32", exact ? `${start} + ${part}` : `min(${start} + ${part}, ${work.length})`, "end");
  const span = { lane: place.lane, lanes: tile.lanes, start, end, length: part, exact };
  const states = walk(s, folds, span, unroll, (into, i) => {
    const here = { position: [...position, ...reductions.reducedPosition(s, i)] };
    const element = new ExpressionPrinter(s, kernel, buffers, here, printer.known);
    reducing.forEach(({ arg, fold }, k) => {
      fold.step(s, into[k] as string[], element.value(arg), i);
    });
  });
  combine(s, tile, place, folds, states, "first");
  const workgroup = tile.kept * tile.lanes;
  const groups = Math.ceil(count / tile.kept) * parts;
  if (parts === 1) {
    when(s, place.first, () => {
      reductions.know(s, printer, reducing, states);
      reductions.storeKept(s, buffers, printer, position);
    });
    return { passes: [s.finish("reduce", workgroup, groups)], scratch: [] };
  }
  const partials = new Partials(folds, count, parts);
  const element = s.let("int32", dialect.toInt(place.kept), "element");
  when(s, place.first, () => partials.open(s, "write").store(element, place.part, states.flat()));
  const passes = [
    s.finish("reduce parts", workgroup, groups),
    foldPartials(reductions, partials, parts, dialect, limits),
  ];
  return { passes, scratch: partials.bytes };
};

/** The pass that folds the parts, and calculates and stores the results. */
const foldPartials = (
  reductions: Reductions,
  partials: Partials,
  parts: number,
  dialect: Dialect,
  limits: Limits,
): Pass => {
  const { count, folds, kernel } = reductions;
  const tile = chooseTile(
    { count, length: parts, fast: count < 16 ? "reduced" : "kept", state: stateBytes(folds) },
    limits,
  );
  const s = new Source(dialect, limits);
  const buffers = new Buffers(s, kernel);
  const place = placeOf(s, tile, count);
  const memory = partials.open(s, "read");
  const element = s.let("int32", dialect.toInt(place.kept), "element");
  // What no part beats must not come before the parts.
  const states = startStates(s, folds, "2147483647");
  s.for(place.lane, parts, (i) => mergeStates(s, folds, states, memory.load(element, i)), tile.lanes);
  combine(s, tile, place, folds, states, "first");
  when(s, place.first, () => {
    const { printer, position } = reductions.keptPrinter(s, buffers, place.kept);
    reductions.know(s, printer, reductions.passes[0] ?? [], states);
    reductions.storeKept(s, buffers, printer, position);
  });
  return s.finish("reduce whole", tile.kept * tile.lanes, Math.ceil(count / tile.kept));
};
