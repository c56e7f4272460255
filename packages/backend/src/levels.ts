import type { NodeId } from "./expression.ts";
import { argsOf } from "./expression.ts";
import type { ReduceKernel, RowKernel } from "./kernel.ts";
import type { View } from "./view.ts";
import { isMasked } from "./view.ts";

/** How each node of a reduce or row kernel relates to the reduced dimensions. */
export interface Levels {
  /** True for nodes that have one value per kept position. */
  readonly kept: readonly boolean[];
  /** Number of passes over the reduced dimensions that must have ended before the node is known; a reduction ends pass `depth - 1`. */
  readonly depth: readonly number[];
}

const independent = (view: View, from: number): boolean => {
  for (let d = from; d < view.shape.length; d++) if (view.strides[d] !== 0 || isMasked(view, d)) return false;
  return true;
};

/** Levels and depths of a kernel's nodes. */
export const levelsOf = (kernel: ReduceKernel | RowKernel): Levels => {
  const from = kernel.shape.length - kernel.reduced;
  const kept: boolean[] = [];
  const depth: number[] = [];
  for (const node of kernel.nodes) {
    const args: readonly NodeId[] = argsOf(node);
    const deepest = args.reduce((most, id) => Math.max(most, depth[id] as number), 0);
    depth.push(node.op === "reduce" ? deepest + 1 : deepest);
    if (node.op === "reduce") kept.push(true);
    else if (node.op === "load") kept.push(independent(kernel.inputs[node.input]?.view as View, from));
    else if (node.op === "index") kept.push(independent(node.view, from));
    else kept.push(args.every((id) => kept[id]));
  }
  return { kept, depth };
};
