import type {
  BinaryOp,
  ComparisonOp,
  ComputeType,
  DType,
  Kernel,
  NodeId,
  Reduction,
  Shape,
  UnaryOp,
  View,
} from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";

/** Shape and element type of a result. */
export interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Writes scalar expressions; equal expressions are one node. */
export interface Expressions {
  typeOf(id: NodeId): ComputeType;
  constant(type: ComputeType, value: number): NodeId;
  unary(op: UnaryOp, x: NodeId): NodeId;
  binary(op: BinaryOp, a: NodeId, b: NodeId): NodeId;
  compare(op: ComparisonOp, a: NodeId, b: NodeId): NodeId;
  /** `condition ? a : b`. */
  select(condition: NodeId, a: NodeId, b: NodeId): NodeId;
  cast(to: DType, x: NodeId): NodeId;
  bitcast(type: ComputeType, x: NodeId): NodeId;
  threefry(key0: NodeId, key1: NodeId, counter0: NodeId, counter1: NodeId): NodeId;
}

/** A kernel's own fields; the scheduler adds inputs and outputs, the expression where the kind has one, and the result's shape. */
type Own<K> = K extends Kernel
  ? Omit<K, "inputs" | "outputs" | "scalars" | "nodes" | "shape"> & { readonly shape?: Shape }
  : never;

/** The kernels that a primitive may become by itself; map, reduce and row kernels are made by fusion. */
export type KernelTemplate = Own<Exclude<Kernel, { kind: "map" | "reduce" | "row" }>>;

/** How a primitive is carried out. */
export type Lowering<A> =
  /** A leaf: data, variables, numbers. */
  | { readonly kind: "leaf" }
  /** One scalar expression of the inputs at the same position; all inputs have the result's shape. */
  | { readonly kind: "map"; expression(e: Expressions, inputs: readonly NodeId[], attributes: A): NodeId }
  /** Another look at input 0: rewrites a view of the input into one of the result, undefined where only a copy can. */
  | { readonly kind: "view"; apply(view: View, attributes: A, result: Shape): View | undefined }
  /** Folds input 0 over some axes, which the result no longer has. */
  | { readonly kind: "reduce"; readonly reduction: Reduction; axes(attributes: A): readonly number[] }
  /**
   * A kernel of its own over stored inputs. `fuses`: elementwise work on the result may follow inside the kernel.
   * `contiguous`: the inputs must lie in row-major order. `strided`: results may be stored in any order of dimensions. `beside`: this is another of the kernel's `results` than that primitive is; where
   * both are applied to the same inputs and attributes, one kernel makes both.
   */
  | {
      readonly kind: "kernel";
      readonly fuses: boolean;
      readonly contiguous?: boolean;
      readonly strided?: boolean;
      readonly beside?: Primitive<A>;
      template(attributes: A, node: Tensor): KernelTemplate;
    };

/** Gradients of the inputs for the gradient `g` of the result; undefined where there is none. Written with tensor methods and ops. */
export interface GradientRule<A> {
  bivariant(node: Tensor<A>, g: Tensor): readonly (Tensor | undefined)[];
}

/**
 * One operation that cannot be written with others: everything about it in one place.
 * `gradient` is a rule; "zero" where the derivative is 0 or undefined everywhere (comparisons, rounding, integers); "none" where asking is an error.
 */
export interface Primitive<A = unknown> {
  readonly name: string;
  /** Checks the inputs and gives the result's shape and element type; throws the operation's errors. */
  infer(inputs: readonly Tensor[], attributes: A): Result;
  readonly lower: Lowering<A>;
  readonly gradient: GradientRule<A>["bivariant"] | "zero" | "none";
  /** Two applications to the same inputs stay two: never merged when a schedule is made. */
  readonly distinct?: boolean;
}

/** Declares a primitive; only fixes the types. */
/* @__NO_SIDE_EFFECTS__ */
export const definePrimitive = <A = undefined>(primitive: Primitive<A>): Primitive<A> => primitive;
