import { computeType, type KernelInput, type ScatterKernel, sizeOf } from "@gradloom/backend";
import { Buffers } from "../buffers.ts";
import { itemPass } from "../itemPass.ts";
import { locate } from "../locate.ts";
import { unravel } from "../position.ts";
import type { Pass } from "../program.ts";
import { addressName, readView } from "../readView.ts";
import type { Source } from "../source.ts";
import { foldUpdate } from "./foldUpdate.ts";
import { type ScatterPlan, spread } from "./scatterPlan.ts";

/** An invocation for each element of the target looks through the updates that may fall on it. */
export const scatterTargets = (kernel: ScatterKernel, plan: ScatterPlan, s: Source): Pass => {
  const { shape, updates, inputs, outputs } = kernel;
  const [initial, update] = inputs as readonly [KernelInput, KernelInput];
  const { columns, batch, listed, indexed } = plan;
  const pairs = [...columns, ...batch];
  const buffers = new Buffers(s, kernel);
  const type = computeType(initial.dtype);
  return itemPass(s, `scatter ${kernel.mode} by elements`, sizeOf(shape), (id) => {
    const target = unravel(s, id, shape);
    const value = s.variable(type, readView(s, buffers.input(0), initial, target), "value");
    const paired = pairs.map(({ target: d, update: e }) => [e, target[d] as string] as const);
    const visit = (k: number, list: readonly (readonly [number, string])[]): void => {
      const d = listed[k];
      if (d !== undefined) {
        s.for(0, updates[d] as number, (i) => visit(k + 1, [...list, [d, i]]));
        return;
      }
      const position = spread(updates.length, paired, list);
      const { place } = locate(s, buffers, kernel, shape, updates, position, indexed);
      const meets = indexed.map((dim, i) => `${place[i]} == ${target[dim]}`);
      const fold = (): void =>
        s.line(`${value} = ${foldUpdate(s, kernel, value, readView(s, buffers.input(1), update, position))};`);
      if (meets.length === 0) fold();
      else s.if(meets.join(" && "), fold);
    };
    const reached = pairs.flatMap(({ target: d, extent }) =>
      extent < (shape[d] as number) ? [`${target[d]} < ${extent}`] : [],
    );
    if (reached.length === 0) visit(0, []);
    else s.if(reached.join(" && "), () => visit(0, []));
    buffers.output(0).store(addressName(s, outputs[0]?.strides as readonly number[], target), value);
  });
};
