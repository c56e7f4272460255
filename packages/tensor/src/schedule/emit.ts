import type { ComputeType, Kernel, KernelInput, KernelOutput, NodeId, View } from "@gradloom/backend";
import { computeType, contiguousStrides, contiguousView } from "@gradloom/backend";
import type { Lowering } from "../graph/primitive.ts";
import { ExpressionList } from "./expressions.ts";
import type { Frame, Level } from "./frame.ts";
import { iterationShape, keptShape, reducedCount, toSpace } from "./frame.ts";
import { levelOf, ownFrame } from "./groups.ts";
import type { Group } from "./groupTable.ts";
import type { Move, Network, Reach, Value } from "./network.ts";
import { applyMoves } from "./network.ts";
import { reorderedStrides } from "./relayout.ts";

/** A kernel, and which values its buffers and scalar arguments are. */
export interface Emitted {
  readonly kernel: Kernel;
  /** The values behind `kernel.inputs`. */
  readonly inputs: readonly number[];
  /** The values behind `kernel.outputs`. */
  readonly outputs: readonly number[];
  /** The scalar leaves behind `kernel.scalars`. */
  readonly scalars: readonly number[];
  readonly members: readonly number[];
}

/** Writes the kernel of a group. `stored`: the values that lie in memory; all others are computed where they are needed. */
export const emit = (group: Group, { values }: Network, stored: ReadonlySet<number>): Emitted => {
  const outputs = group.members.filter((id) => stored.has(id));
  const own = group.kernel === undefined ? undefined : (values[group.kernel] as Value);
  if (own?.lower.kind === "kernel" && !own.lower.fuses) return emitPlain(own, values, group, outputs);
  const emitter = new Emitter(group, values, stored);
  const results = outputs.map((id): KernelOutput => emitter.output(values[id] as Value));
  return { ...emitter.finish(own, results), outputs, members: group.members };
};

type KernelLowering = Extract<Lowering<unknown>, { kind: "kernel" }>;

/** The memory that an operand of a matmul, convolution, ... reads. */
const operandInput = ({ base, moves }: Reach, values: readonly Value[]): KernelInput => {
  const value = values[base] as Value;
  return { dtype: value.dtype, view: applyMoves(contiguousView(value.shape), moves) as View };
};

/** A result of a kernel without an expression, and how it is stored. */
const plainResult = (id: number, values: readonly Value[], { reordered }: Group) => {
  const value = values[id] as Value;
  const view = reordered.get(id);
  if (view === undefined) return { value, strides: contiguousStrides(value.shape) };
  const original = values[(value.operands[0] as Reach).base] as Value;
  return { value: original, strides: reorderedStrides(ownFrame(original), view) as number[] };
};

const emitPlain = (own: Value, values: readonly Value[], group: Group, outputs: readonly number[]): Emitted => {
  const made = outputs.map((id) => plainResult(id, values, group));
  const templates = made.map(({ value: { lower, attributes, tensor } }) =>
    (lower as KernelLowering).template(attributes, tensor),
  );
  const results = templates.flatMap((template): readonly string[] => ("results" in template ? template.results : []));
  const common = {
    scalars: [],
    shape: own.shape,
    ...templates[0],
    inputs: own.operands.map((reach) => operandInput(reach, values)),
    outputs: made.map(({ value, strides }) => ({ dtype: value.dtype, strides })),
  };
  const kernel = (results.length === 0 ? common : { ...common, results }) as unknown as Kernel;
  return {
    kernel,
    inputs: own.operands.map(({ base }) => base),
    outputs,
    scalars: [],
    members: group.members,
  };
};

class Emitter {
  readonly #list = new ExpressionList();
  readonly #inputs: KernelInput[] = [];
  readonly #bases: number[] = [];
  readonly #inputIds = new Map<string, number>();
  readonly #scalars: number[] = [];
  readonly #made = new Map<number, NodeId>();
  readonly #group: Group;
  readonly #frame: Frame;
  readonly #inside: ReadonlySet<number>;
  readonly #values: readonly Value[];
  readonly #stored: ReadonlySet<number>;

  constructor(group: Group, values: readonly Value[], stored: ReadonlySet<number>) {
    this.#group = group;
    this.#frame = group.frame;
    this.#inside = new Set(group.members);
    this.#values = values;
    this.#stored = stored;
    if (group.kernel !== undefined) {
      for (const reach of (values[group.kernel] as Value).operands) {
        this.#bind(operandInput(reach, values), reach.base);
      }
    }
    for (const id of group.members) this.#made.set(id, this.#member(values[id] as Value));
  }

  output(value: Value): KernelOutput {
    const node = this.#made.get(value.id) as NodeId;
    const reordered = this.#group.reordered.get(value.id);
    if (reordered !== undefined) {
      return { dtype: value.dtype, node, strides: reorderedStrides(this.#frame, reordered) as number[] };
    }
    const level = levelOf(value, this.#frame);
    const view = toSpace(contiguousView(value.shape), this.#frame, level) as View;
    const strides = level === "full" ? view.strides : view.strides.slice(0, keptShape(this.#frame).length);
    return { dtype: value.dtype, node, strides };
  }

  finish(own: Value | undefined, outputs: readonly KernelOutput[]): Omit<Emitted, "outputs" | "members"> {
    const shape = iterationShape(this.#frame);
    const { nodes } = this.#list;
    const scalars = this.#scalars.map((id): ComputeType => computeType((this.#values[id] as Value).dtype));
    const common = { shape, inputs: this.#inputs, scalars, nodes, outputs };
    let kernel: Kernel;
    if (own?.lower.kind === "kernel") {
      kernel = { ...own.lower.template(own.attributes, own.tensor), ...common } as Kernel;
    } else if (this.#frame.reduced === undefined) kernel = { kind: "map", ...common };
    else {
      const reduced = reducedCount(this.#frame);
      const full = outputs.some(({ strides }) => strides.length === shape.length);
      kernel = { kind: full || this.#chained() ? "row" : "reduce", reduced, ...common };
    }
    return { kernel, inputs: this.#bases, scalars: this.#scalars };
  }

  /** Whether a reduction depends on another. */
  #chained(): boolean {
    const after = new Set<NodeId>();
    return this.#list.nodes.some((node, id) => {
      const depends = "args" in node && node.args.some((arg) => after.has(arg));
      if (node.op === "reduce" || depends) after.add(id);
      return node.op === "reduce" && depends;
    });
  }

  #member(value: Value): NodeId {
    if (value.id === this.#group.kernel) return this.#list.accumulator(computeType(value.dtype));
    if (this.#group.reordered.has(value.id)) return this.#made.get((value.operands[0] as Reach).base) as NodeId;
    const { lower } = value;
    if (lower.kind === "reduce") {
      const x = this.#operand(value.operands[0] as Reach, [], "full");
      return this.#wrap(value, this.#list.reduce(lower.reduction, computeType(value.dtype), x));
    }
    return this.#apply(value, [], levelOf(value, this.#frame));
  }

  /** int8 and uint8 wrap after every operation. */
  #wrap(value: Value, node: NodeId): NodeId {
    return value.dtype === "int8" || value.dtype === "uint8" ? this.#list.cast(value.dtype, node) : node;
  }

  /** A map value's expression, seen through `moves` from its shape to that of the member that uses it. */
  #apply(value: Value, moves: readonly Move[], level: Level): NodeId {
    if (value.lower.kind !== "map") throw new TypeError(`${value.primitive.name} cannot be computed in place`);
    const inputs = value.operands.map((operand) => this.#operand(operand, moves, level));
    return this.#wrap(value, value.lower.expression(this.#list, inputs, value.attributes));
  }

  #operand({ base, moves: own }: Reach, outer: readonly Move[], level: Level): NodeId {
    const value = this.#values[base] as Value;
    const moves = outer.length === 0 ? own : [...own, ...outer];
    const type = computeType(value.dtype);
    const view = (from: View): View => toSpace(applyMoves(from, moves) as View, this.#frame, level) as View;
    if (value.leaf === "positions") {
      return this.#list.cast(value.dtype, this.#list.index(view(contiguousView(value.shape))));
    }
    const inMemory =
      value.leaf === undefined ? this.#stored.has(base) : value.leaf !== "constant" && value.leaf !== "scalar";
    if (inMemory && !this.#inside.has(base))
      return this.#list.load(type, this.#load(value, view(contiguousView(value.shape))));
    const node = this.#register(value, moves, level);
    // Padding a value that memory does not hold: 0 at the positions that do not exist.
    const ones = { shape: value.shape, strides: value.shape.map(() => 0), offset: 1, valid: undefined };
    if (own.length === 0 || applyMoves(ones, own)?.valid === undefined) return node;
    const inside = this.#list.compare("ne", this.#list.index(view(ones)), this.#list.constant("int32", 0));
    return this.#list.select(inside, node, this.#list.constant(type, 0));
  }

  #register(value: Value, moves: readonly Move[], level: Level): NodeId {
    if (value.leaf === "constant") {
      return this.#list.constant(computeType(value.dtype), (value.attributes as { value: number }).value);
    }
    if (value.leaf === "scalar") return this.#list.scalar(computeType(value.dtype), this.#slot(value.id));
    const made = this.#made.get(value.id);
    return made === undefined ? this.#apply(value, moves, level) : made;
  }

  #slot(id: number): number {
    const known = this.#scalars.indexOf(id);
    return known >= 0 ? known : this.#scalars.push(id) - 1;
  }

  #bind(input: KernelInput, base: number): number {
    const first = this.#bases.indexOf(base);
    this.#bases.push(base);
    return this.#inputs.push(first < 0 ? input : { ...input, shares: first }) - 1;
  }

  #load(value: Value, view: View): number {
    const key = `${value.id} ${view.offset} ${view.strides.join(",")} ${view.valid?.join(";")}`;
    let input = this.#inputIds.get(key);
    if (input === undefined) {
      input = this.#bind({ dtype: value.dtype, view }, value.id);
      this.#inputIds.set(key, input);
    }
    return input;
  }
}
