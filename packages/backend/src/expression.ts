import type { ComputeType, DType } from "./dtype.ts";
import type { View } from "./view.ts";

/**
 * The closed list of scalar operations on values of one compute type. Floats follow IEEE 754; integers wrap.
 *
 * `sign` is -1, 0, 1 or NaN. `round` goes to the nearest whole number, ties to even. `not` is logical on bool and flips the bits of
 * integers. `neg`, `abs`, `sign` are for numbers, `floor` to `erf` for floats only.
 */
export const unaryOps = [
  "neg",
  "abs",
  "sign",
  "not",
  "floor",
  "ceil",
  "round",
  "trunc",
  "sqrt",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "atan",
  "tanh",
  "erf",
] as const;

/**
 * Two arguments of one type. `div` of integers cuts off the fraction, and gives 0 for a divisor of 0; `rem` has the sign of the
 * dividend (C's fmod), 0 for an integer divisor of 0. `pow` is for floats, as in IEEE 754, and for integers wraps (a negative
 * exponent gives 0, but 1 for base 1 and +-1 for base -1). `min` and `max` give NaN when either argument is. `atan2` is for floats.
 * `and`, `or`, `xor` are logical on bool and bitwise on integers; `shl` and `shr` (arithmetic for int32) shift by 0 to 31, and a
 * count outside gives what shifting bit by bit would: 0, or -1 for `shr` of a negative int32.
 */
export const binaryOps = [
  "add",
  "sub",
  "mul",
  "div",
  "rem",
  "pow",
  "atan2",
  "min",
  "max",
  "and",
  "or",
  "xor",
  "shl",
  "shr",
] as const;

/** Two arguments of one type, result bool; with NaN only `ne` holds. */
export const comparisonOps = ["eq", "ne", "lt", "le", "gt", "ge"] as const;

/** Reductions: an empty sum is 0, product 1, `max`/`min` the lowest/highest value, `all` true, `any` false, `argmax`/`argmin` 0. */
export const reductions = ["sum", "prod", "max", "min", "argmax", "argmin", "any", "all"] as const;

export type UnaryOp = (typeof unaryOps)[number];
export type BinaryOp = (typeof binaryOps)[number];
export type ComparisonOp = (typeof comparisonOps)[number];

/**
 * What is folded over the reduced dimensions. `max` and `min` give NaN when any element is. `argmax` and `argmin` (int32) give the
 * row-major position within the reduced dimensions of the first extreme element; NaN counts as extreme.
 */
export type Reduction = (typeof reductions)[number];

/** The index of an earlier node of the same list. */
export type NodeId = number;

/** One scalar value; `type` is the type of its result. */
export type ExpressionNode =
  | { readonly op: UnaryOp; readonly type: ComputeType; readonly args: readonly [NodeId] }
  | { readonly op: BinaryOp; readonly type: ComputeType; readonly args: readonly [NodeId, NodeId] }
  | { readonly op: ComparisonOp; readonly type: "bool"; readonly args: readonly [NodeId, NodeId] }
  /** `args[0] ? args[1] : args[2]`: the branch that is not taken does not matter, NaN included. */
  | { readonly op: "select"; readonly type: ComputeType; readonly args: readonly [NodeId, NodeId, NodeId] }
  /** `roundTo(to, x)`, held in `type = computeType(to)`. */
  | { readonly op: "cast"; readonly type: ComputeType; readonly to: DType; readonly args: readonly [NodeId] }
  /** The same 32 bits as another type: float32, int32 and uint32. */
  | { readonly op: "bitcast"; readonly type: ComputeType; readonly args: readonly [NodeId] }
  /** First word of Threefry2x32-20 for key (args 0, 1) and counter (args 2, 3); all uint32 (Salmon et al., 2011). */
  | { readonly op: "threefry"; readonly type: "uint32"; readonly args: readonly [NodeId, NodeId, NodeId, NodeId] }
  /** Floats are rounded to the type; integers and booleans must fit it. */
  | { readonly op: "constant"; readonly type: ComputeType; readonly value: number }
  /** Scalar argument number `slot` of the program, given anew at every run. */
  | { readonly op: "scalar"; readonly type: ComputeType; readonly slot: number }
  /** The element of input number `input` at the current position of the kernel's shape. */
  | { readonly op: "load"; readonly type: ComputeType; readonly input: number }
  /** `offset + sum(position[d] * strides[d])` of a view over the kernel's shape; 0 where the view has no element. */
  | { readonly op: "index"; readonly type: "int32"; readonly view: View }
  /** What a matmul, conv, pool or gather kernel calculated for the current position. */
  | { readonly op: "accumulator"; readonly type: ComputeType }
  /** Only in reduce and row kernels: folds its argument over the reduced dimensions. */
  | {
      readonly op: "reduce";
      readonly reduction: Reduction;
      readonly type: ComputeType;
      readonly args: readonly [NodeId];
    };

export type ScalarOp = ExpressionNode["op"];

const none: readonly NodeId[] = [];

/** The arguments of a node; empty for leaves. */
export const argsOf = (node: ExpressionNode): readonly NodeId[] => ("args" in node ? node.args : none);
