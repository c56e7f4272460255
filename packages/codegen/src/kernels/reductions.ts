import {
  argsOf,
  type ComputeType,
  type ExpressionNode,
  type Levels,
  levelsOf,
  type NodeId,
  type ReduceKernel,
  type RowKernel,
  sizeOf,
} from "@gradloom/backend";
import type { Buffers } from "../buffers.ts";
import { ExpressionPrinter } from "../expression.ts";
import { address, unravel } from "../position.ts";
import type { Source } from "../source.ts";
import { type Fold, folds } from "./fold.ts";

/** A reduction of a kernel. */
export interface Reducing {
  readonly id: NodeId;
  readonly arg: NodeId;
  readonly fold: Fold;
}

/** What kernels with reductions have in common. */
export class Reductions {
  readonly kernel: ReduceKernel | RowKernel;
  readonly levels: Levels;
  /** Shapes of the kept and of the reduced dimensions. */
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  /** Elements in each. */
  readonly count: number;
  readonly length: number;
  /** By the pass over the reduced range that they belong to. */
  readonly passes: readonly (readonly Reducing[])[];

  constructor(kernel: ReduceKernel | RowKernel) {
    this.kernel = kernel;
    this.levels = levelsOf(kernel);
    const leading = kernel.shape.length - kernel.reduced;
    this.kept = kernel.shape.slice(0, leading);
    this.reduced = kernel.shape.slice(leading);
    this.count = sizeOf(this.kept);
    this.length = sizeOf(this.reduced);
    const used = needed(
      kernel.nodes,
      kernel.outputs.map(({ node }) => node),
    );
    const passes: Reducing[][] = [];
    kernel.nodes.forEach((node, id) => {
      if (node.op !== "reduce" || !used[id]) return;
      const [arg] = node.args;
      const type = kernel.nodes[arg]?.type as ComputeType;
      const pass = (this.levels.depth[id] as number) - 1;
      while (passes.length <= pass) passes.push([]);
      passes[pass]?.push({ id, arg, fold: folds[node.reduction](type) });
    });
    this.passes = passes;
  }

  get folds(): Fold[] {
    return this.passes.flat().map(({ fold }) => fold);
  }

  isKept(output: number): boolean {
    return this.kernel.outputs[output]?.strides.length === this.kept.length;
  }

  /** Nodes that change along the reduced range and are calculated for `roots`, and the kept-level nodes that these ask for. */
  behind(roots: readonly NodeId[]): { readonly inside: readonly NodeId[]; readonly kept: readonly NodeId[] } {
    const { nodes } = this.kernel;
    const stops = this.levels.kept;
    const marks = needed(nodes, roots, (id) => stops[id] as boolean);
    const ids = nodes.map((_, id) => id).filter((id) => marks[id]);
    return { inside: ids.filter((id) => !stops[id]), kept: ids.filter((id) => stops[id]) };
  }

  /** A printer for the values of the kept element number `element` (a uint32). */
  keptPrinter(s: Source, buffers: Buffers, element: string): { printer: ExpressionPrinter; position: string[] } {
    const position = unravel(s, element, this.kept);
    const leaves = { position: [...position, ...this.reduced.map(() => "0")] };
    return { printer: new ExpressionPrinter(s, this.kernel, buffers, leaves), position };
  }

  /** Names of the position at place `i` (an int32) of the reduced range. */
  reducedPosition(s: Source, i: string): string[] {
    const { reduced } = this;
    if (reduced.length < 2) return reduced.map(() => i);
    return unravel(s, s.let("uint32", s.dialect.toUint(i), "r"), reduced);
  }

  /** Makes the results of a pass known to the printer of kept-level values. */
  know(s: Source, printer: ExpressionPrinter, pass: readonly Reducing[], states: readonly (readonly string[])[]): void {
    pass.forEach(({ id, fold }, k) => {
      const { type } = this.kernel.nodes[id] as ExpressionNode;
      printer.known.set(id, s.let(type, fold.result(s, states[k] as string[]), "total"));
    });
  }

  /** Writes the kept-level outputs. */
  storeKept(s: Source, buffers: Buffers, printer: ExpressionPrinter, position: readonly string[]): void {
    const { outputs } = this.kernel;
    const values = outputs.map(({ node }, i) => (this.isKept(i) ? printer.value(node) : ""));
    outputs.forEach((_, i) => {
      if (this.isKept(i)) store(s, buffers, this.kernel, i, position, values[i] as string);
    });
  }
}

/** Writes one element of an output. */
export const store = (
  s: Source,
  buffers: Buffers,
  { outputs }: ReduceKernel | RowKernel,
  output: number,
  position: readonly string[],
  value: string,
): void => {
  const place = address(outputs[output]?.strides ?? [], position);
  buffers.output(output).store(/\W/.test(place) ? s.let("int32", place, "o") : place, value);
};

/** Nodes that `roots` depend on, themselves included; what a node depends on at which the walk stops is left out. */
const needed = (
  nodes: readonly ExpressionNode[],
  roots: readonly NodeId[],
  stops: (id: NodeId) => boolean = () => false,
): boolean[] => {
  const result = new Array<boolean>(nodes.length).fill(false);
  for (const root of roots) result[root] = true;
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (result[id] && !stops(id)) for (const arg of argsOf(nodes[id] as ExpressionNode)) result[arg] = true;
  }
  return result;
};
