import type { ComputeType, DType } from "../dtype.ts";
import { computeType } from "../dtype.ts";
import type { BinaryOp, ComparisonOp, ExpressionNode, NodeId, Reduction, UnaryOp } from "../expression.ts";
import type { View } from "../view.ts";

/** Writes an expression node by node; types follow from the arguments. */
export interface Nodes {
  readonly list: readonly ExpressionNode[];
  typeOf(id: NodeId): ComputeType;
  load(input: number): NodeId;
  constant(type: ComputeType, value: number): NodeId;
  scalar(type: ComputeType, slot: number): NodeId;
  index(view: View): NodeId;
  accumulator(type: ComputeType): NodeId;
  unary(op: UnaryOp, a: NodeId): NodeId;
  binary(op: BinaryOp, a: NodeId, b: NodeId): NodeId;
  compare(op: ComparisonOp, a: NodeId, b: NodeId): NodeId;
  select(condition: NodeId, a: NodeId, b: NodeId): NodeId;
  cast(to: DType, a: NodeId): NodeId;
  bitcast(type: ComputeType, a: NodeId): NodeId;
  threefry(key0: NodeId, key1: NodeId, counter0: NodeId, counter1: NodeId): NodeId;
  reduce(reduction: Reduction, a: NodeId): NodeId;
}

export const createNodes = (inputs: readonly DType[]): Nodes => {
  const list: ExpressionNode[] = [];
  const push = (node: ExpressionNode): NodeId => list.push(node) - 1;
  const typeOf = (id: NodeId): ComputeType => (list[id] as ExpressionNode).type;
  return {
    list,
    typeOf,
    load: (input) => push({ op: "load", type: computeType(inputs[input] as DType), input }),
    constant: (type, value) => push({ op: "constant", type, value }),
    scalar: (type, slot) => push({ op: "scalar", type, slot }),
    index: (view) => push({ op: "index", type: "int32", view }),
    accumulator: (type) => push({ op: "accumulator", type }),
    unary: (op, a) => push({ op, type: typeOf(a), args: [a] }),
    binary: (op, a, b) => push({ op, type: typeOf(a), args: [a, b] }),
    compare: (op, a, b) => push({ op, type: "bool", args: [a, b] }),
    select: (condition, a, b) => push({ op: "select", type: typeOf(a), args: [condition, a, b] }),
    cast: (to, a) => push({ op: "cast", type: computeType(to), to, args: [a] }),
    bitcast: (type, a) => push({ op: "bitcast", type, args: [a] }),
    threefry: (a, b, c, d) => push({ op: "threefry", type: "uint32", args: [a, b, c, d] }),
    reduce: (reduction, a) =>
      push({ op: "reduce", reduction, type: reduction.startsWith("arg") ? "int32" : typeOf(a), args: [a] }),
  };
};
