import {
  argsOf,
  collapse,
  type ExpressionNode,
  isMasked,
  type KernelInput,
  type KernelOutput,
  levelsOf,
  type NodeId,
  type ReduceKernel,
  type RowKernel,
  sizeOf,
  type View,
} from "@gradloom/backend";
import { lanesFor } from "./expression.ts";

export type Reducing = ReduceKernel | RowKernel;
type ReduceNode = Extract<ExpressionNode, { op: "reduce" }>;

/** One walk over the reduced dimensions. */
export interface Pass {
  readonly reductions: readonly { readonly id: NodeId; readonly node: ReduceNode }[];
  /** Nodes whose values are kept along the row for later passes. */
  readonly saved: readonly NodeId[];
  /** Full-level outputs, in the last pass only. */
  readonly stores: readonly number[];
}

/** Most positions that go into one accumulator before it is added to a total: along vectors, and across rows. */
const pieceAlong = 16384;
const pieceAcross = 512;

/** Pieces of the reduced dimensions: `outerStep` positions of all but the last, `innerStep` of the last. */
export interface Pieces {
  readonly outerStep: number;
  readonly innerStep: number;
  readonly outerCount: number;
  readonly innerCount: number;
}

const piecesOf = (across: boolean, outer: number, inner: number): Pieces => {
  const most = across ? pieceAcross : pieceAlong;
  if (inner > most) {
    const wanted = Math.ceil(inner / most);
    const innerStep = Math.ceil(inner / wanted / 16) * 16;
    return { outerStep: 1, innerStep, outerCount: outer, innerCount: Math.ceil(inner / innerStep) };
  }
  const outerStep = Math.max(1, Math.min(outer, Math.floor(most / Math.max(1, inner))));
  return { outerStep, innerStep: inner, outerCount: Math.ceil(outer / outerStep), innerCount: 1 };
};

/** How a reduce or row kernel is run. */
export interface ReducePlan {
  /** At least one kept and one reduced dimension. */
  readonly kernel: Reducing;
  readonly leading: number;
  /** Lanes lie along the last kept dimension, else along the last reduced one. */
  readonly across: boolean;
  readonly lanes: 2 | 4;
  readonly passes: readonly Pass[];
  /** Outputs with one value per kept position. */
  readonly keptOutputs: readonly number[];
  /** The reduced dimensions but the last together, and the last. */
  readonly outer: number;
  readonly inner: number;
  readonly pieces: Pieces;
}

/** Operations worth keeping the result of. */
const dear = new Set<string>("exp expm1 log log1p sin cos atan atan2 tanh erf pow rem div sqrt threefry".split(" "));
/** Most values that are kept along a row. */
const mostSaved = 4;

/** A dimension of size 1 where the kernel has no kept or no reduced one. */
const withBoth = (kernel: Reducing, full: readonly boolean[]): Reducing => {
  const rank = kernel.shape.length;
  const leading = rank - kernel.reduced;
  const front = leading === 0 ? [0] : [];
  const back = kernel.reduced === 0 ? [0] : [];
  if (front.length + back.length === 0) return kernel;
  const shape = [...front.map(() => 1), ...kernel.shape, ...back.map(() => 1)];
  const widen = (view: View): View => ({
    shape,
    strides: [...front, ...view.strides, ...back],
    offset: view.offset,
    valid: view.valid && [...front.map(() => [0, 1] as const), ...view.valid, ...back.map(() => [0, 1] as const)],
  });
  return {
    ...kernel,
    shape,
    reduced: Math.max(1, kernel.reduced),
    inputs: kernel.inputs.map((input): KernelInput => ({ ...input, view: widen(input.view) })),
    nodes: kernel.nodes.map(
      (node): ExpressionNode => (node.op === "index" ? { ...node, view: widen(node.view) } : node),
    ),
    outputs: kernel.outputs.map(
      (output, i): KernelOutput => ({
        ...output,
        strides: [...front, ...output.strides, ...(full[i] ? back : [])],
      }),
    ),
  };
};

/** Whether lanes should lie along the kept dimensions: where memory does, or where rows are shorter than a vector or two. */
const liesAcross = (kernel: Reducing, kept: readonly boolean[]): boolean => {
  const rank = kernel.shape.length;
  const leading = rank - kernel.reduced;
  const loads = kernel.nodes.flatMap((node, id) =>
    node.op === "load" && !kept[id] ? [kernel.inputs[node.input]?.view] : [],
  );
  const unit = (d: number): number => loads.filter((view) => Math.abs(view?.strides[d] ?? 0) === 1).length;
  if (unit(leading - 1) !== unit(rank - 1)) return unit(leading - 1) > unit(rank - 1);
  return sizeOf(kernel.shape.slice(leading)) < 6 && sizeOf(kernel.shape.slice(0, leading)) >= 16;
};

/** Nodes whose value changes along the last reduced dimension. */
const innermostNodes = (kernel: Reducing): boolean[] => {
  const last = kernel.shape.length - 1;
  const varies = (view: View | undefined): boolean =>
    view !== undefined && (view.strides[last] !== 0 || isMasked(view, last));
  const result: boolean[] = [];
  for (const node of kernel.nodes) {
    if (node.op === "load") result.push(varies(kernel.inputs[node.input]?.view));
    else if (node.op === "index") result.push(varies(node.view));
    else result.push(node.op !== "reduce" && argsOf(node).some((arg) => result[arg]));
  }
  return result;
};

const passesOf = (kernel: Reducing, full: readonly number[]): Pass[] => {
  const { kept, depth } = levelsOf(kernel);
  const inner = innermostNodes(kernel);
  const last = full.length > 0 ? Math.max(0, ...depth) + 1 : Math.max(0, ...depth);
  const computed = new Map<NodeId, number>();
  const saved: NodeId[][] = [];
  const passes: Omit<Pass, "saved">[] = [];
  for (let d = 0; d < last; d++) {
    const stores = d === last - 1 ? full : [];
    const reductions = kernel.nodes.flatMap((node, id) =>
      node.op === "reduce" && depth[id] === d + 1 ? [{ id, node }] : [],
    );
    passes.push({ reductions, stores });
    saved.push([]);
    const visit = (id: NodeId): void => {
      const node = kernel.nodes[id] as ExpressionNode;
      if (kept[id] || saved.some((list) => list.includes(id))) return;
      const first = computed.get(id);
      if (first !== undefined && first < d && inner[id] && dear.has(node.op) && saved.flat().length < mostSaved) {
        saved[first]?.push(id);
        return;
      }
      if (first === undefined) computed.set(id, d);
      for (const arg of argsOf(node)) visit(arg);
    };
    for (const { node } of reductions) visit(node.args[0]);
    for (const i of stores) visit((kernel.outputs[i] as KernelOutput).node);
  }
  return passes.map((pass, d) => ({ ...pass, saved: saved[d] as NodeId[] }));
};

/** The plan of a kernel. */
export const planReduce = (given: Reducing): ReducePlan => {
  const isFull = given.outputs.map(
    ({ strides }) => strides.length === given.shape.length && strides.length !== given.shape.length - given.reduced,
  );
  const collapsed = collapse(given);
  // What has only one reduced position is full and kept at once.
  const full = collapsed.reduced === 0 ? isFull.map(() => false) : isFull;
  const kernel = withBoth(collapsed, full);
  const leading = kernel.shape.length - kernel.reduced;
  const outputs = kernel.outputs.map((_, i) => i);
  const reduced = kernel.shape.slice(leading);
  const outer = sizeOf(reduced.slice(0, -1));
  const inner = reduced[reduced.length - 1] as number;
  const across = liesAcross(kernel, levelsOf(kernel).kept);
  return {
    kernel,
    leading,
    across,
    lanes: lanesFor(kernel.nodes),
    passes: passesOf(
      kernel,
      outputs.filter((i) => full[i]),
    ),
    keptOutputs: outputs.filter((i) => !full[i]),
    outer,
    inner,
    pieces: piecesOf(across, outer, inner),
  };
};
