import type { ComputeType, DType, HostArray } from "../dtype.ts";
import { hostArray } from "../dtype.ts";
import type { NodeId } from "../expression.ts";
import { writeElement } from "../half.ts";
import type { FusedKernel, Kernel, KernelInput, KernelOutput } from "../kernel.ts";
import { levelsOf } from "../levels.ts";
import { reach } from "../reach.ts";
import type { Shape } from "../shape.ts";
import { contiguousStrides } from "../shape.ts";
import type { View } from "../view.ts";
import { contiguousView } from "../view.ts";
import { createNodes, type Nodes } from "./nodes.ts";
import type { Source } from "./random.ts";

/**
 * How far a result may be from the reference: `ulps` times the unit of rounding at the value, plus `absolute` units of 1. A unit is
 * 2^-23, or 2^-52 for float64; half floats may differ by one of their own units where a tolerance is given at all.
 */
export interface Tolerance {
  readonly ulps: number;
  readonly absolute: number;
}

export const exact: Tolerance = { ulps: 0, absolute: 0 };

/** A kernel, the memory it works on and what may differ. */
export interface Case {
  readonly name: string;
  readonly kernel: Kernel;
  /** What the buffer of each input holds; made anew when asked for. */
  readonly inputs: readonly HostArray[];
  readonly scalars: readonly number[];
  readonly tolerance: Tolerance;
  /** True where 0 and -0 are told apart. */
  readonly signedZeros: boolean;
  /** Known values of outputs, in row-major order. */
  readonly expected: readonly (ArrayLike<number> | undefined)[];
}

/** An input with its memory. */
export interface Operand extends KernelInput {
  readonly memory: HostArray;
}

export const encode = (dtype: DType, values: readonly number[]): HostArray => {
  const array = hostArray(dtype, values.length);
  for (const [i, value] of values.entries()) writeElement(dtype, array, i, value);
  return array;
};

const isView = (where: View | Shape): where is View => "strides" in where;

/** An input of `dtype` seen through a view (a shape stands for a contiguous one), its memory filled from `source`. */
export const operand = (dtype: DType, where: View | Shape, source: Source): Operand => {
  const view = isView(where) ? where : contiguousView(where);
  return {
    dtype,
    view,
    get memory() {
      return encode(dtype, source(dtype, reach(view)));
    },
  };
};

/** Where and how a node is stored; contiguous and in its compute type unless said otherwise. */
export interface Stored {
  readonly node: NodeId;
  readonly dtype?: DType;
  readonly strides?: readonly number[];
  readonly over?: number;
}

interface Options {
  readonly scalars?: readonly (readonly [type: ComputeType, value: number])[];
  readonly tolerance?: Tolerance;
  readonly signedZeros?: boolean;
  readonly expected?: readonly (ArrayLike<number> | undefined)[];
}

type Attributes = FusedKernel extends infer K
  ? K extends FusedKernel
    ? Omit<K, "shape" | "inputs" | "scalars" | "nodes" | "outputs">
    : never
  : never;

/** A case of a kernel that carries an expression; `write` makes the nodes and names those to store. */
export const fused = (
  name: string,
  attributes: Attributes,
  shape: Shape,
  operands: readonly Operand[],
  write: (nodes: Nodes) => NodeId | readonly (NodeId | Stored)[],
  options: Options = {},
): Case => {
  const nodes = createNodes(operands.map(({ dtype }) => dtype));
  const written = write(nodes);
  const stored = (typeof written === "number" ? [written] : written).map((one) =>
    typeof one === "number" ? { node: one } : one,
  );
  const inputs = operands.map(({ dtype, view, shares }) => ({
    dtype,
    view,
    ...(shares === undefined ? {} : { shares }),
  }));
  const scalars = (options.scalars ?? []).map(([type]) => type);
  const bare = { ...attributes, shape, inputs, scalars, nodes: nodes.list, outputs: [] } as FusedKernel;
  const leading = "reduced" in bare ? shape.slice(0, shape.length - bare.reduced) : shape;
  const kept = bare.kind === "row" ? levelsOf(bare).kept : [];
  const outputs = stored.map(({ node, dtype, strides, over }): KernelOutput => {
    const whole = bare.kind !== "reduce" && !kept[node] ? shape : leading;
    return {
      dtype: dtype ?? nodes.typeOf(node),
      node,
      strides: strides ?? contiguousStrides(whole),
      ...(over === undefined ? {} : { over }),
    };
  });
  return plain(name, { ...bare, outputs }, operands, options);
};

/** A case of any kernel. */
export const plain = (name: string, kernel: Kernel, operands: readonly Operand[], options: Options = {}): Case => ({
  name,
  kernel,
  get inputs() {
    return operands.map(({ memory }) => memory);
  },
  scalars: (options.scalars ?? []).map(([, value]) => value),
  tolerance: options.tolerance ?? exact,
  signedZeros: options.signedZeros ?? false,
  expected: options.expected ?? [],
});
