import type {
  BinaryOp,
  ComparisonOp,
  ComputeType,
  DType,
  ExpressionNode,
  NodeId,
  Reduction,
  ScalarOp,
  UnaryOp,
  View,
} from "@gradloom/backend";
import { computeType } from "@gradloom/backend";
import type { Expressions } from "../graph/primitive.ts";

/** Rough price of a scalar operation beside an addition; what is not listed costs 1, leaves nothing. */
const prices: Partial<Record<ScalarOp, number>> = {
  constant: 0,
  scalar: 0,
  load: 0,
  index: 0,
  accumulator: 0,
  div: 3,
  sqrt: 3,
  rem: 6,
  exp: 10,
  expm1: 12,
  log: 10,
  log1p: 12,
  sin: 12,
  cos: 12,
  atan: 12,
  atan2: 16,
  tanh: 12,
  erf: 14,
  pow: 24,
  threefry: 80,
};

/** The price of computing `nodes` once per element. */
export const priceOf = (nodes: readonly ExpressionNode[]): number =>
  nodes.reduce((total, node) => total + (prices[node.op] ?? 1), 0);

/** The expression of one kernel under construction; equal nodes are made once. */
export class ExpressionList implements Expressions {
  readonly nodes: ExpressionNode[] = [];
  readonly #known = new Map<string, NodeId>();

  #make(node: ExpressionNode, key: string): NodeId {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.nodes.push(node) - 1;
    this.#known.set(key, id);
    return id;
  }

  typeOf(id: NodeId): ComputeType {
    return (this.nodes[id] as ExpressionNode).type;
  }

  constant(type: ComputeType, value: number): NodeId {
    return this.#make({ op: "constant", type, value }, `constant ${type} ${Object.is(value, -0) ? "-0" : value}`);
  }

  scalar(type: ComputeType, slot: number): NodeId {
    return this.#make({ op: "scalar", type, slot }, `scalar ${slot}`);
  }

  load(type: ComputeType, input: number): NodeId {
    return this.#make({ op: "load", type, input }, `load ${input}`);
  }

  index(view: View): NodeId {
    const key = `index ${view.offset} ${view.strides.join(",")} ${view.valid?.join(";")}`;
    return this.#make({ op: "index", type: "int32", view }, key);
  }

  accumulator(type: ComputeType): NodeId {
    return this.#make({ op: "accumulator", type }, "accumulator");
  }

  unary(op: UnaryOp, x: NodeId): NodeId {
    return this.#make({ op, type: this.typeOf(x), args: [x] }, `${op} ${x}`);
  }

  binary(op: BinaryOp, a: NodeId, b: NodeId): NodeId {
    return this.#make({ op, type: this.typeOf(a), args: [a, b] }, `${op} ${a} ${b}`);
  }

  compare(op: ComparisonOp, a: NodeId, b: NodeId): NodeId {
    return this.#make({ op, type: "bool", args: [a, b] }, `${op} ${a} ${b}`);
  }

  select(condition: NodeId, a: NodeId, b: NodeId): NodeId {
    return this.#make({ op: "select", type: this.typeOf(a), args: [condition, a, b] }, `select ${condition} ${a} ${b}`);
  }

  cast(to: DType, x: NodeId): NodeId {
    if (this.typeOf(x) === to) return x;
    return this.#make({ op: "cast", type: computeType(to), to, args: [x] }, `cast ${to} ${x}`);
  }

  bitcast(type: ComputeType, x: NodeId): NodeId {
    return this.#make({ op: "bitcast", type, args: [x] }, `bitcast ${type} ${x}`);
  }

  threefry(key0: NodeId, key1: NodeId, counter0: NodeId, counter1: NodeId): NodeId {
    const args = [key0, key1, counter0, counter1] as const;
    return this.#make({ op: "threefry", type: "uint32", args }, `threefry ${args.join(" ")}`);
  }

  reduce(reduction: Reduction, type: ComputeType, x: NodeId): NodeId {
    return this.#make({ op: "reduce", reduction, type, args: [x] }, `reduce ${reduction} ${x}`);
  }
}
