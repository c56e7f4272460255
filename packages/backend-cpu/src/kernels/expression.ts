import {
  argsOf,
  type BinaryOp,
  type ComparisonOp,
  type ComputeType,
  comparisonOps,
  type ExpressionNode,
  isMasked,
  type NodeId,
  type UnaryOp,
  unaryOps,
  type View,
} from "@gradloom/backend";
import { casts } from "../scalar/casts.ts";
import { float64Lanes } from "../scalar/floatLanes.ts";
import { threefry } from "../scalar/integers.ts";
import { constantLanes } from "../scalar/memory.ts";
import type { LaneCount, Scope } from "../scalar/scope.ts";
import { type Binary, binaryTable, type Comparison, comparisonTable, type Unary, unaryTable } from "../scalar/table.ts";
import { relaxed, v128 } from "../wasm/simd.ts";
import type { V128 } from "../wasm/value.ts";

/** The nodes whose values come from around the expression. */
export type Leaf = Extract<ExpressionNode, { op: "scalar" | "load" | "index" | "accumulator" | "reduce" }>;

/**
 * What an expression finds at the current position. Loops around the position are numbered by level: 0 is outside of all loops, level
 * L is inside L loops.
 */
export interface Leaves {
  /** The level of the innermost loop, where values are asked for. */
  readonly innermost: number;
  /** Prepares for the current position of the loop at `level`. */
  enter(level: number): void;
  /** The innermost loop that changes the leaf's value. */
  level(leaf: Leaf, id: NodeId): number;
  /** The leaf's lanes; called inside that loop. */
  emit(leaf: Leaf, id: NodeId): V128;
}

/** The level of a value that a view determines: of the innermost loop whose dimension the view depends on. */
export const viewLevel = (view: View, levels: readonly number[]): number => {
  let level = 0;
  for (let d = 0; d < view.shape.length; d++) {
    const varies = isMasked(view, d) || (view.shape[d] !== 1 && view.strides[d] !== 0);
    if (varies) level = Math.max(level, levels[d] as number);
  }
  return level;
};

const kinds = new Map<string, "unary" | "comparison">();
for (const op of unaryOps) kinds.set(op, "unary");
for (const op of comparisonOps) kinds.set(op, "comparison");

/** 2 where any value is a float64, else 4. */
export const lanesFor = (nodes: readonly ExpressionNode[]): LaneCount =>
  nodes.some((node) => node.type === "float64") ? 2 : 4;

/**
 * Writes a kernel's expression. `enter(level)` belongs at the start of each loop: it calculates what that loop determines and deeper
 * loops use. `value(id)` inside the innermost loop then writes the rest, depth first.
 */
export class ExpressionEmitter {
  private readonly s: Scope;
  private readonly nodes: readonly ExpressionNode[];
  private readonly leaves: Leaves;
  private readonly levels: number[] = [];
  private readonly uses: number[];
  private readonly hoisted: NodeId[] = [];
  private readonly values: (V128 | undefined)[] = [];

  private readonly known: ReadonlyMap<NodeId, () => V128>;

  /** `roots` are the nodes whose values will be asked for; `known` ones are not calculated but taken, in the innermost loop. */
  constructor(
    s: Scope,
    nodes: readonly ExpressionNode[],
    leaves: Leaves,
    roots: readonly NodeId[],
    known: ReadonlyMap<NodeId, () => V128> = new Map(),
  ) {
    this.known = known;
    this.s = s;
    this.nodes = nodes;
    this.leaves = leaves;
    this.uses = nodes.map(() => 0);
    for (const root of roots) this.uses[root] = (this.uses[root] as number) + 1;
    nodes.forEach((node, id) => {
      this.levels.push(
        isLeaf(node)
          ? leaves.level(node, id)
          : argsOf(node).reduce((level, arg) => Math.max(level, this.levels[arg] as number), 0),
      );
    });
    const hoist = (id: NodeId, level: number): void => {
      if ((this.levels[id] as number) < level && (nodes[id] as ExpressionNode).op !== "constant") this.hoisted.push(id);
    };
    for (const root of roots) hoist(root, leaves.innermost);
    for (let id = nodes.length - 1; id >= 0; id--) {
      const node = nodes[id] as ExpressionNode;
      if (this.uses[id] === 0 || node.op === "reduce" || known.has(id)) continue;
      for (const arg of argsOf(node)) {
        this.uses[arg] = (this.uses[arg] as number) + 1;
        hoist(arg, this.levels[id] as number);
      }
    }
    this.hoisted.sort((a, b) => a - b);
  }

  /** Prepares the leaves and the expression for the current position of the loop at `level`. */
  enter(level: number): void {
    this.leaves.enter(level);
    this.hoist(level);
  }

  /** Forgets the values of this level and deeper ones and calculates those of this level that deeper ones use. */
  hoist(level: number): void {
    this.levels.forEach((own, id) => {
      if (own >= level) this.values[id] = undefined;
    });
    for (const id of this.hoisted) {
      if (this.levels[id] === level) this.values[id] ??= this.s.keep(this.value(id));
    }
  }

  /** The node's lanes at the current position. */
  value(id: NodeId): V128 {
    const known = this.values[id];
    if (known !== undefined) return known;
    const value = this.known.get(id)?.() ?? this.emit(this.nodes[id] as ExpressionNode, id);
    if ((this.uses[id] as number) < 2) return value;
    const kept = this.s.keep(value);
    this.values[id] = kept;
    return kept;
  }

  private type(id: NodeId): ComputeType {
    return (this.nodes[id] as ExpressionNode).type;
  }

  private constantOf(id: NodeId): number | undefined {
    const node = this.nodes[id] as ExpressionNode;
    return node.op === "constant" ? node.value : undefined;
  }

  private emit(node: ExpressionNode, id: NodeId): V128 {
    const { s } = this;
    switch (node.op) {
      case "constant":
        return constantLanes(node.type, node.value);
      case "scalar":
      case "load":
      case "index":
      case "accumulator":
      case "reduce":
        return this.leaves.emit(node, id);
      case "select": {
        const mask = this.value(node.args[0]);
        const wide = node.type === "float64";
        const condition = wide ? float64Lanes.fromBool(mask) : mask;
        const choose = !s.relaxed ? v128.bitselect : wide ? relaxed.i64x2Laneselect : relaxed.i32x4Laneselect;
        return choose(this.value(node.args[1]), this.value(node.args[2]), condition);
      }
      case "cast":
        return casts[this.type(node.args[0])][node.to](s, this.value(node.args[0]));
      case "bitcast":
        return this.value(node.args[0]);
      case "threefry": {
        const [key0, key1, counter0, counter1] = node.args.map((arg) => this.value(arg)) as [V128, V128, V128, V128];
        return threefry(s, key0, key1, counter0, counter1);
      }
    }
    const kind = kinds.get(node.op);
    if (kind === "unary") {
      const row: Readonly<Partial<Record<ComputeType, Unary>>> = unaryTable[node.op as UnaryOp];
      return present(row, node)(s, this.value(node.args[0]));
    }
    let [left, right] = node.args as readonly [NodeId, NodeId];
    if (kind === "comparison") {
      const row: Readonly<Partial<Record<ComputeType, Comparison>>> = comparisonTable[node.op as ComparisonOp];
      return present(row, node, this.type(left))(this.value(left), this.value(right));
    }
    if ((node.op === "min" || node.op === "max") && this.constantOf(left) !== undefined) [left, right] = [right, left];
    const row: Readonly<Partial<Record<ComputeType, Binary>>> = binaryTable[node.op as BinaryOp];
    return present(row, node)(s, this.value(left), this.value(right), this.constantOf(right));
  }
}

const isLeaf = (node: ExpressionNode): node is Leaf =>
  node.op === "scalar" ||
  node.op === "load" ||
  node.op === "index" ||
  node.op === "accumulator" ||
  node.op === "reduce";

const present = <T>(row: Readonly<Partial<Record<ComputeType, T>>>, node: ExpressionNode, type = node.type): T => {
  const emitter = row[type];
  if (emitter === undefined) throw new Error(`no ${node.op} for ${type}`);
  return emitter;
};
