import { computeType, type KernelInput, type ScatterKernel, sizeOf } from "@gradloom/backend";
import { itemPass } from "../itemPass.ts";
import { unravel } from "../position.ts";
import type { Pass } from "../program.ts";
import type { Source } from "../source.ts";
import { foldUpdate } from "./foldUpdate.ts";
import { nowhere, SortedEntries } from "./scatterEntries.ts";
import type { ScatterPlan } from "./scatterPlan.ts";

/** An invocation for each sorted entry and column: the first of a bucket folds all of the bucket's entries, for "set" the last counts. */
export const scatterRuns = (kernel: ScatterKernel, plan: ScatterPlan, s: Source): Pass => {
  const entries = sizeOf(plan.entries);
  const extents = plan.columns.map(({ extent }) => extent);
  const sorted = new SortedEntries(s, kernel, plan);
  const output = sorted.buffers.output(0);
  const type = computeType((kernel.inputs[0] as KernelInput).dtype);
  return itemPass(s, `scatter ${kernel.mode} by buckets`, entries * sizeOf(extents), (id) => {
    const [at, ...column] = unravel(s, id, [entries, ...extents]) as [string, ...string[]];
    const bucket = sorted.bucket(at);
    s.line(`if (${bucket} == ${nowhere}) { return; }`);
    if (kernel.mode === "set") {
      s.if(`${at} < ${entries - 1}`, () => {
        s.line(`if (${sorted.bucket(s.let("int32", `${at} + 1`))} == ${bucket}) { return; }`);
      });
      const value = sorted.update(at, column);
      output.store(sorted.place(bucket, column), value);
      return;
    }
    s.if(`${at} > 0`, () => {
      s.line(`if (${sorted.bucket(s.let("int32", `${at} - 1`))} == ${bucket}) { return; }`);
    });
    const place = sorted.place(bucket, column);
    const value = s.variable(type, sorted.element(place), "value");
    s.for(at, entries, (i) => {
      s.line(`if (${sorted.bucket(i)} != ${bucket}) { break; }`);
      s.line(`${value} = ${foldUpdate(s, kernel, value, sorted.update(i, column))};`);
    });
    output.store(place, value);
  });
};
