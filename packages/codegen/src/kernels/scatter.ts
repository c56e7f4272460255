import { type KernelInput, type ScatterKernel, sizeOf } from "@gradloom/backend";
import { copyPasses } from "../copyPasses.ts";
import type { Dialect } from "../dialect.ts";
import type { GpuProgram, Limits, Pass } from "../program.ts";
import { partialCount, scatterChunks, scatterPartials } from "../scatter/scatterChunks.ts";
import { entryPairs } from "../scatter/scatterEntries.ts";
import { planScatter, rivals, type ScatterPlan } from "../scatter/scatterPlan.ts";
import { scatterRuns } from "../scatter/scatterRuns.ts";
import { scatterTargets } from "../scatter/scatterTargets.ts";
import { atomicOf, outputBytes, scatterUpdates } from "../scatter/scatterUpdates.ts";
import { sortPasses } from "../sort/sortPasses.ts";
import { Source } from "../source.ts";

/** An element of the target looks through so many updates, */
const fewRivals = 16;
/** or more where all elements together look at so many. */
const fewLooks = 2 ** 20;
/** An element that stays as it is costs something only in targets larger than this. */
const largeTarget = 2 ** 16;
/** Fewer entries are folded bucket by bucket, whatever the length of a bucket. */
const manyEntries = 8192;

/** The passes that give the output its start value; none where it is there. */
const start = (kernel: ScatterKernel, dialect: Dialect, limits: Limits): readonly Pass[] =>
  kernel.outputs[0]?.over === undefined
    ? copyPasses(kernel, { ...(kernel.inputs[0] as KernelInput), of: "kernel", index: 0 }, 0, dialect, limits)
    : [];

/**
 * Entries are sorted by their buckets, and by their own order within one; then each bucket is folded in that order: many entries in chunks,
 * so that a large bucket keeps many invocations busy.
 */
const sorted = (kernel: ScatterKernel, plan: ScatterPlan, dialect: Dialect, limits: Limits): GpuProgram => {
  const entries = sizeOf(plan.entries);
  const scratch = [4 * entries, 4 * entries];
  const open = (s: Source) => entryPairs(kernel, plan, s);
  const passes = sortPasses({ rows: 1, length: entries, count: entries, open }, dialect, limits, scratch);
  passes.push(...start(kernel, dialect, limits));
  if (kernel.mode === "set" || entries < manyEntries) {
    passes.push(scatterRuns(kernel, plan, new Source(dialect, limits)));
    return { passes, scratch };
  }
  const first = scratch.length;
  scratch.push(4 * partialCount(plan), 4 * partialCount(plan));
  passes.push(scatterChunks(kernel, plan, new Source(dialect, limits), first));
  passes.push(scatterPartials(kernel, plan, new Source(dialect, limits), first));
  return { passes, scratch };
};

/**
 * Scatters, the same bits each run. Where little may fall on an element, the elements look for it; where the order does not matter, updates
 * go to their places; else they are sorted.
 */
export const compileScatter = (kernel: ScatterKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { shape, updates } = kernel;
  const elements = sizeOf(shape);
  if (elements === 0) return { passes: [], scratch: [] };
  const plan = planScatter(kernel);
  if (sizeOf(updates) === 0) return { passes: start(kernel, dialect, limits), scratch: [] };
  const rivalry = rivals(plan, kernel);
  const untouched = kernel.outputs[0]?.over !== undefined && elements > 4 * sizeOf(updates);
  if ((rivalry <= fewRivals || rivalry * elements <= fewLooks) && !(untouched && elements > largeTarget)) {
    return { passes: [scatterTargets(kernel, plan, new Source(dialect, limits))], scratch: [] };
  }
  const atomic = outputBytes(kernel) <= limits.bindingBytes ? atomicOf(kernel) : undefined;
  if (atomic !== undefined || rivalry === 1) {
    const pass = scatterUpdates(kernel, new Source(dialect, limits), rivalry === 1 ? undefined : atomic);
    return { passes: [...start(kernel, dialect, limits), pass], scratch: [] };
  }
  return sorted(kernel, plan, dialect, limits);
};
