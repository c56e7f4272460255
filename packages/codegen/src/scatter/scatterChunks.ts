import { computeType, highest, type KernelInput, lowest, type ScatterKernel, sizeOf } from "@gradloom/backend";
import { itemPass } from "../itemPass.ts";
import { Memory } from "../memory.ts";
import { unravel } from "../position.ts";
import type { Pass } from "../program.ts";
import type { Source } from "../source.ts";
import { foldUpdate } from "./foldUpdate.ts";
import { nowhere, SortedEntries } from "./scatterEntries.ts";
import type { ScatterPlan } from "./scatterPlan.ts";

/** Sorted entries that one invocation folds. */
const chunk = 32;

const chunksOf = (plan: ScatterPlan): number => Math.ceil(sizeOf(plan.entries) / chunk);

const columnsOf = (plan: ScatterPlan): number[] => plan.columns.map(({ extent }) => extent);

/** Elements of each scratch buffer of partial folds. */
export const partialCount = (plan: ScatterPlan): number => chunksOf(plan) * sizeOf(columnsOf(plan));

/** What a bucket that began before is folded from. */
const identity = (s: Source, { mode, inputs }: ScatterKernel): string => {
  const type = computeType((inputs[0] as KernelInput).dtype);
  const values = { set: 0, add: 0, mul: 1, max: lowest(type), min: highest(type) };
  return s.dialect.constant(type, values[mode], s.use);
};

/** Partial folds, one for each chunk and column, in a scratch buffer. */
const partials = (
  s: Source,
  kernel: ScatterKernel,
  plan: ScatterPlan,
  index: number,
  access: "read" | "write",
): Memory => {
  const type = computeType((kernel.inputs[0] as KernelInput).dtype);
  return new Memory(s, "scratch", index, type as "float32", 4 * partialCount(plan), access);
};

/**
 * An invocation for each chunk of sorted entries and each column. Buckets that lie within a chunk are done; of those that do not, the part
 * in the chunk where they begin goes to scratch buffer `first`, and the parts in later chunks go to the next one.
 */
export const scatterChunks = (kernel: ScatterKernel, plan: ScatterPlan, s: Source, first: number): Pass => {
  const entries = sizeOf(plan.entries);
  const extents = columnsOf(plan);
  const sorted = new SortedEntries(s, kernel, plan);
  const output = sorted.buffers.output(0);
  const begun = partials(s, kernel, plan, first, "write");
  const continued = partials(s, kernel, plan, first + 1, "write");
  const type = computeType((kernel.inputs[0] as KernelInput).dtype);
  const items = partialCount(plan);
  return itemPass(s, `scatter ${kernel.mode} by chunks`, items, (id) => {
    const [number, ...column] = unravel(s, id, [chunksOf(plan), ...extents]) as [string, ...string[]];
    const item = s.let("int32", s.dialect.toInt(id), "item");
    const start = s.let("int32", `${number} * ${chunk}`, "start");
    const end = s.let("int32", `min(${start} + ${chunk}, ${entries})`, "end");
    const bucket = s.variable("uint32", nowhere, "bucket");
    const value = s.variable(type, identity(s, kernel), "value");
    const before = s.variable("bool", "false", "before");
    s.if(`${start} > 0`, () => {
      s.line(`${bucket} = ${sorted.bucket(s.let("int32", `${start} - 1`))};`);
      s.line(`${before} = true;`);
    });
    const finish = (): void =>
      s.if(
        before,
        () => continued.store(item, value),
        () => s.if(`${bucket} != ${nowhere}`, () => output.store(sorted.place(bucket, column), value)),
      );
    s.for(start, end, (i) => {
      const next = sorted.bucket(i);
      s.if(`${next} != ${bucket}`, () => {
        finish();
        s.line(`${bucket} = ${next};`);
        s.line(`${before} = false;`);
        s.line(`if (${next} == ${nowhere}) { break; }`);
        s.line(`${value} = ${sorted.element(sorted.place(next, column))};`);
      });
      s.line(`${value} = ${foldUpdate(s, kernel, value, sorted.update(i, column))};`);
    });
    const open = s.variable("bool", "false", "open");
    s.if(`${end} < ${entries}`, () => s.line(`${open} = ${sorted.bucket(end)} == ${bucket};`));
    s.if(`${open} && !${before}`, () => begun.store(item, value), finish);
  });
};

/** An invocation for each chunk and column: a bucket that begins in the chunk, and goes on after it, is folded from its parts. */
export const scatterPartials = (kernel: ScatterKernel, plan: ScatterPlan, s: Source, first: number): Pass => {
  const entries = sizeOf(plan.entries);
  const extents = columnsOf(plan);
  const chunks = chunksOf(plan);
  const columns = sizeOf(extents);
  const sorted = new SortedEntries(s, kernel, plan);
  const begun = partials(s, kernel, plan, first, "read");
  const continued = partials(s, kernel, plan, first + 1, "read");
  const type = computeType((kernel.inputs[0] as KernelInput).dtype);
  return itemPass(s, `scatter ${kernel.mode} of parts`, partialCount(plan), (id) => {
    const [number, ...column] = unravel(s, id, [chunks, ...extents]) as [string, ...string[]];
    const item = s.let("int32", s.dialect.toInt(id), "item");
    const end = s.let("int32", `(${number} + 1) * ${chunk}`, "end");
    s.line(`if (${end} >= ${entries}) { return; }`);
    const bucket = sorted.bucket(s.let("int32", `${end} - 1`));
    s.line(`if (${bucket} == ${nowhere} || ${sorted.bucket(end)} != ${bucket}) { return; }`);
    s.if(`${number} > 0`, () => {
      s.line(`if (${sorted.bucket(s.let("int32", `${number} * ${chunk} - 1`))} == ${bucket}) { return; }`);
    });
    const value = s.variable(type, begun.load(item), "value");
    s.for(`${number} + 1`, chunks, (next) => {
      s.line(`if (${sorted.bucket(s.let("int32", `${next} * ${chunk}`))} != ${bucket}) { break; }`);
      const part = s.let(type, continued.load(`${item} + (${next} - ${number}) * ${columns}`));
      s.line(`${value} = ${foldUpdate(s, kernel, value, part)};`);
    });
    sorted.buffers.output(0).store(sorted.place(bucket, column), value);
  });
};
