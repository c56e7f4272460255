import type { ExpressionNode } from "./expression.ts";
import type { KernelInput, KernelOutput, MapKernel, ReduceKernel, RowKernel } from "./kernel.ts";
import { sizeOf } from "./shape.ts";
import type { Range, View } from "./view.ts";
import { isMasked } from "./view.ts";

type Collapsible = MapKernel | ReduceKernel | RowKernel;

/** How one buffer (or position) is stepped through; outputs of reductions have strides for the kept dimensions only. */
type Steps = Pick<View, "strides" | "valid">;

/** Dimensions of the old shape that become one, outermost first; all of them are stepped through as one run. */
type Group = readonly number[];

/**
 * The same kernel over the fewest dimensions: those of size 1 are dropped, kept and reduced ones are each put in the order of memory
 * (reduced ones stay in order where a position is asked for), and neighbours that every view steps through as one are merged.
 */
export const collapse = <K extends Collapsible>(kernel: K): K => {
  const { shape } = kernel;
  if (sizeOf(shape) === 0) return kernel;
  const leading = shape.length - ("reduced" in kernel ? kernel.reduced : 0);
  const views: readonly Steps[] = kernel.inputs.map(({ view }) => view);
  const outputs: readonly Steps[] = kernel.outputs.map(({ strides }) => ({ strides, valid: undefined }));
  const indices = kernel.nodes.flatMap((node) => (node.op === "index" ? [node.view] : []));
  const all = [...outputs, ...views, ...indices];
  const needed = shape.map((n, d) => n !== 1 || all.some((view) => masked(view, shape, d)));
  const dims = shape.map((_, d) => d).filter((d) => needed[d]);
  const byMemory = kernel.kind === "map" ? [...outputs, ...views] : [...views, ...outputs];
  const positions = kernel.nodes.some(
    (node) => node.op === "reduce" && (node.reduction === "argmax" || node.reduction === "argmin"),
  );
  const kept = merge(
    sorted(
      dims.filter((d) => d < leading),
      byMemory,
    ),
    shape,
    all,
  );
  const inner = dims.filter((d) => d >= leading);
  const reduced = merge(positions ? inner : sorted(inner, byMemory), shape, all);
  const groups = [...kept, ...reduced];
  const newShape = groups.map((group) => sizeOf(group.map((d) => shape[d] as number)));
  const changed = {
    ...kernel,
    shape: newShape,
    inputs: kernel.inputs.map((input): KernelInput => ({ ...input, view: regroup(input.view, newShape, groups) })),
    nodes: kernel.nodes.map(
      (node): ExpressionNode => (node.op === "index" ? { ...node, view: regroup(node.view, newShape, groups) } : node),
    ),
    outputs: kernel.outputs.map((output): KernelOutput => {
      const own = output.strides.length === leading ? kept : groups;
      return { ...output, strides: own.map((group) => output.strides[group[group.length - 1] as number] as number) };
    }),
  };
  return "reduced" in kernel ? { ...changed, reduced: reduced.length } : changed;
};

const masked = (view: Steps, shape: readonly number[], d: number): boolean =>
  view.valid !== undefined && isMasked({ ...view, shape, offset: 0 }, d);

/** Dimensions with the largest strides first; the first view in which two dimensions differ decides between them. */
const sorted = (dims: readonly number[], views: readonly Steps[]): number[] => {
  const before = (a: number, b: number): boolean => {
    for (const { strides } of views) {
      const x = Math.abs(strides[a] ?? 0);
      const y = Math.abs(strides[b] ?? 0);
      if (x !== 0 && y !== 0 && x !== y) return x > y;
    }
    return a < b;
  };
  const order: number[] = [];
  for (const d of dims) {
    let at = order.length;
    while (at > 0 && before(d, order[at - 1] as number)) at--;
    order.splice(at, 0, d);
  }
  return order;
};

/** Joins neighbours where every view steps over the outer one in whole runs of the inner one. */
const merge = (dims: readonly number[], shape: readonly number[], views: readonly Steps[]): Group[] => {
  const groups: number[][] = [];
  for (const d of dims) {
    const group = groups[groups.length - 1];
    const outer = group?.[group.length - 1];
    const joins =
      outer !== undefined &&
      views.every(
        (view) =>
          d >= view.strides.length ||
          ((view.strides[outer] as number) === (view.strides[d] as number) * (shape[d] as number) &&
            !masked(view, shape, d)),
      );
    if (joins) group?.push(d);
    else groups.push([d]);
  }
  return groups;
};

/** Missing positions are those of a group's first dimension; the others have none. */
const regroup = (view: View, shape: readonly number[], groups: readonly Group[]): View => {
  const { valid } = view;
  const run = (group: Group): number => sizeOf(group.slice(1).map((d) => view.shape[d] as number));
  const range = ([low, high]: Range, by: number): Range => [low * by, high * by];
  return {
    shape,
    strides: groups.map((group) => view.strides[group[group.length - 1] as number] as number),
    offset: view.offset,
    valid: valid && groups.map((group) => range(valid[group[0] as number] as Range, run(group))),
  };
};
