import {
  argsOf,
  type BinaryOp,
  binaryOps,
  type ComparisonOp,
  type ComputeType,
  comparisonOps,
  type ExpressionNode,
  type KernelInput,
  type NodeId,
  type UnaryOp,
  unaryOps,
} from "@gradloom/backend";
import type { Buffers } from "./buffers.ts";
import { address, exists } from "./position.ts";
import type { Source } from "./source.ts";

/** What the nodes of a kernel need to be printed. */
export interface Expressions {
  readonly nodes: readonly ExpressionNode[];
  readonly inputs: readonly KernelInput[];
}

/** Where the leaves of an expression take their values. */
export interface Leaves {
  /** Names of the position in the kernel's shape, one int32 per dimension. */
  readonly position: readonly string[];
  /** The name of what the kernel calculated for the position. */
  readonly accumulator?: string;
  /** Loads of an input that are done already; undefined for the others. */
  readonly loaded?: (input: number) => string | undefined;
}

const isUnary = (op: string): op is UnaryOp => (unaryOps as readonly string[]).includes(op);
const isBinary = (op: string): op is BinaryOp => (binaryOps as readonly string[]).includes(op);
const isComparison = (op: string): op is ComparisonOp => (comparisonOps as readonly string[]).includes(op);

/**
 * Prints expression nodes as local values, each once and only when asked for. `known` holds the names of nodes that were printed where the
 * names are still visible; reductions must be known before a node that depends on them is asked for.
 *
 * @example const printer = new ExpressionPrinter(source, kernel, buffers, { position }); const name = printer.value(node);
 */
export class ExpressionPrinter {
  readonly known: Map<NodeId, string>;
  readonly #source: Source;
  readonly #kernel: Expressions;
  readonly #buffers: Buffers;
  readonly #leaves: Leaves;

  constructor(
    source: Source,
    kernel: Expressions,
    buffers: Buffers,
    leaves: Leaves,
    known: ReadonlyMap<NodeId, string> = new Map(),
  ) {
    this.#source = source;
    this.#kernel = kernel;
    this.#buffers = buffers;
    this.#leaves = leaves;
    this.known = new Map(known);
  }

  /** The name (or literal) of a node's value, after the lines that calculate it. */
  value(id: NodeId): string {
    const done = this.known.get(id);
    if (done !== undefined) return done;
    const node = this.#kernel.nodes[id] as ExpressionNode;
    const name = this.#leaf(node) ?? this.#source.let(node.type, this.#text(node));
    this.known.set(id, name);
    return name;
  }

  /** Leaves that need no line of their own, and loads that may be missing. */
  #leaf(node: ExpressionNode): string | undefined {
    const s = this.#source;
    switch (node.op) {
      case "constant":
        return Number.isFinite(node.value) ? s.dialect.constant(node.type, node.value, s.use) : undefined;
      case "accumulator":
        return this.#leaves.accumulator as string;
      case "load": {
        const loaded = this.#leaves.loaded?.(node.input);
        if (loaded !== undefined) return loaded;
        const { view } = this.#kernel.inputs[node.input] as KernelInput;
        const condition = exists(view, this.#leaves.position);
        if (condition === undefined) return undefined;
        const name = s.variable(node.type, s.dialect.constant(node.type, 0, s.use));
        if (condition !== "false") s.if(condition, () => s.line(`${name} = ${this.#load(node.input)};`));
        return name;
      }
      default:
        return undefined;
    }
  }

  #load(input: number): string {
    const { view } = this.#kernel.inputs[input] as KernelInput;
    return this.#buffers.input(input).load(address(view.strides, this.#leaves.position, view.offset));
  }

  #type(id: NodeId): ComputeType {
    return (this.#kernel.nodes[id] as ExpressionNode).type;
  }

  #text(node: ExpressionNode): string {
    const { dialect, use } = this.#source;
    const args = "args" in node ? node.args.map((id) => this.value(id)) : [];
    const [a, b, c, d] = args as [string, string, string, string];
    switch (node.op) {
      case "load":
        return this.#load(node.input);
      case "constant":
        return dialect.constant(node.type, node.value, use);
      case "scalar":
        return this.#source.scalar(node.type, node.slot);
      case "index": {
        const place = address(node.view.strides, this.#leaves.position, node.view.offset);
        const condition = exists(node.view, this.#leaves.position);
        return condition === undefined ? place : dialect.select(condition, place, "0");
      }
      case "select":
        return dialect.select(a, b, c);
      case "cast":
        return this.#cast(node, a);
      case "bitcast": {
        const from = this.#type(node.args[0]);
        // A name hides bits that are no number, which WGSL refuses in constant expressions.
        return dialect.bitcast(from, node.type, /^[a-z]\w*$/.test(a) ? a : this.#source.let(from, a));
      }
      case "threefry":
        return dialect.threefry(a, b, c, d, use);
      default:
        if (isUnary(node.op)) return dialect.unary(node.op, node.type, a, use);
        if (isBinary(node.op)) return dialect.binary(node.op, node.type, a, b, use);
        if (isComparison(node.op)) return dialect.comparison(node.op, this.#type(argsOf(node)[0] as NodeId), a, b, use);
        throw new TypeError(`${node.op} has no value here`);
    }
  }

  #cast(node: ExpressionNode & { op: "cast" }, x: string): string {
    const { dialect, use } = this.#source;
    const from = this.#type(node.args[0]);
    const wide = from === node.type ? x : dialect.convert(from, node.type, x, use);
    switch (node.to) {
      case "float16":
      case "bfloat16":
      case "int8":
      case "uint8":
        return dialect.narrow(node.to, wide, use);
      default:
        return wide;
    }
  }
}
