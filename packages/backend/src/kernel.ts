import type { ComputeType, DType } from "./dtype.ts";
import type { ExpressionNode, NodeId } from "./expression.ts";
import type { Shape } from "./shape.ts";
import type { View } from "./view.ts";

/** A buffer that a kernel reads, and how. */
export interface KernelInput {
  readonly dtype: DType;
  readonly view: View;
  /** An earlier input, itself without `shares`, of the same dtype that is always bound to the same place: one buffer seen twice. */
  readonly shares?: number;
}

/**
 * A buffer that a kernel writes: every element of `shape` is written once, at `sum(i[d] * strides[d])`. Its place shares no memory
 * with other bindings, `over` excepted.
 */
export interface KernelOutput {
  readonly dtype: DType;
  /** The value to store; it has type `computeType(dtype)` and is rounded to `dtype`. */
  readonly node: NodeId;
  readonly strides: readonly number[];
  /** The input whose buffer this output writes over, reading and writing each element at the same place. */
  readonly over?: number;
}

/**
 * What fusible kernels share. `shape` is the iteration space; every input that a `load` names has a view of that shape. A kernel's
 * buffers are bound in the order `inputs`, `outputs`; scalar arguments are numbers of the types listed.
 */
interface Fused {
  readonly shape: Shape;
  readonly inputs: readonly KernelInput[];
  readonly scalars: readonly ComputeType[];
  readonly nodes: readonly ExpressionNode[];
  readonly outputs: readonly KernelOutput[];
}

/** Several outputs of one shape, each a scalar expression of the inputs at the same position. */
export interface MapKernel extends Fused {
  readonly kind: "map";
}

/**
 * Reductions over the last `reduced` dimensions of `shape`. A node is *kept-level* when it depends on the reduced dimensions
 * through `reduce` nodes only, or not at all (a load whose strides over them are 0, without missing positions there). The
 * outputs of a reduce kernel are kept-level, their strides cover the leading dimensions only, and no reduction depends on another.
 */
export interface ReduceKernel extends Fused {
  readonly kind: "reduce";
  readonly reduced: number;
}

/**
 * As a reduce kernel, but reductions may depend on reductions and an output may also be a full-level value, with strides for all of
 * `shape`: softmax and normalisation in one pass over memory. An output is kept-level when its strides are as many as the kept dimensions.
 */
export interface RowKernel extends Fused {
  readonly kind: "row";
  readonly reduced: number;
}

/**
 * `inputs[0]` [...batch, m, k] times `inputs[1]` [...batch, k, n]; `shape` is [...batch, m, n]. The accumulator has the inputs'
 * common compute type (float32, float64 or int32) and feeds the expression, which may load further inputs.
 */
export interface MatmulKernel extends Fused {
  readonly kind: "matmul";
}

/** Window geometry of convolution and pooling over 1 to 3 spatial dimensions. */
export interface Window {
  readonly stride: readonly number[];
  /** Zeros (nothing, for max pooling) before and after each spatial dimension; >= 0. */
  readonly padding: readonly (readonly [low: number, high: number])[];
  readonly dilation: readonly number[];
}

/**
 * Cross-correlation, channels last: x [n, ...spatial, cin], filter [...window, cin / groups, cout], y [n, ...out, cout]; output channel c
 * belongs to group floor(c / (cout / groups)). `shape` is that of the result.
 * forward: inputs x, filter. inputGradient: inputs dy, filter; result shaped as x. weightGradient: inputs x, dy; result shaped as the filter.
 * An expression follows on the accumulator as in matmul.
 */
export interface ConvKernel extends Fused, Window {
  readonly kind: "conv";
  readonly direction: "forward" | "inputGradient" | "weightGradient";
  readonly groups: number;
}

/**
 * Windows over [n, ...spatial, c]. `shape` is that of the result.
 * max, forward: inputs x, v; y = v at the position of the window's largest x (first in row-major order; NaN is largest; v is usually x).
 * max, gradient: inputs x, dy; the adjoint in v: dy is added at that position. average, forward: input x. average, gradient: input dy.
 * Averages divide by the window's size, or by the number of positions inside the input when `countPadding` is false.
 * No window lies wholly in the padding, but for averages that count it.
 */
export interface PoolKernel extends Fused, Window {
  readonly kind: "pool";
  readonly mode: "max" | "average";
  readonly direction: "forward" | "gradient";
  readonly window: readonly number[];
  readonly countPadding: boolean;
}

/** Where one dimension of the indexed tensor is addressed: by a dimension of the iteration, or by an int32 input's element there. */
export type Coordinate = { readonly dim: number } | { readonly input: number };

/**
 * accumulator = source[c0, c1, ...] with source `inputs[0]` (its view has the source's own shape) and one coordinate per source dimension.
 * An index below 0 counts from the end; one that is out of range reads NaN, 0 or false.
 */
export interface GatherKernel extends Fused {
  readonly kind: "gather";
  readonly coordinates: readonly Coordinate[];
}

interface Plain {
  readonly inputs: readonly KernelInput[];
  readonly outputs: readonly { readonly dtype: DType; readonly strides: readonly number[]; readonly over?: number }[];
}

/**
 * Starts from `inputs[0]` (a view of the result's `shape`) and folds each element of `inputs[1]` (a view of `updates`) into the element
 * that the coordinates name, in row-major order of `updates`; so "set" keeps the last one. Out-of-range indices are dropped.
 */
export interface ScatterKernel extends Plain {
  readonly kind: "scatter";
  readonly mode: "set" | "add" | "mul" | "max" | "min";
  readonly shape: Shape;
  readonly updates: Shape;
  readonly coordinates: readonly Coordinate[];
}

/**
 * Folds along one axis: element i is made of elements 0..i (0..i-1 when exclusive; i..n-1 when reversed). argmax/argmin give the position
 * of the latest extreme, NaN counting as extreme, as PyTorch's cummax does; 0 for none.
 */
export interface ScanKernel extends Plain {
  readonly kind: "scan";
  readonly operation: "sum" | "prod" | "max" | "min" | "logAddExp" | "argmax" | "argmin";
  readonly shape: Shape;
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Stable sort of the last dimension of `shape`, first `count` kept: outputs are the values and, or, their int32 positions. NaN counts as largest. */
export interface SortKernel extends Plain {
  readonly kind: "sort";
  readonly shape: Shape;
  readonly descending: boolean;
  readonly count: number;
  readonly results: readonly ("values" | "indices")[];
}

/**
 * Attention whose scores are never stored (Dao et al., "FlashAttention", 2022). Inputs: q [...batch, m, d], k [...batch, n, d],
 * v [...batch, n, e] and, or not, a mask [...batch, m, n]. With the scores `s[i, j] = scale * sum(q[i, d] * k[j, d])`, to which a float
 * mask is added and which are -Infinity where a bool mask is false or, if `causal`, where j > i:
 * values = softmax(s) v, [...batch, m, e], which is `shape`; logSumExp[i] = log(sum(exp(s[i, j]))), [...batch, m].
 * A row whose scores are all -Infinity, or that has none, has the values 0 and the logSumExp -Infinity. Sums have the inputs' common
 * compute type, float32 or float64.
 */
export interface AttentionKernel extends Plain {
  readonly kind: "attention";
  readonly shape: Shape;
  readonly scale: number;
  readonly causal: boolean;
  readonly results: readonly ("values" | "logSumExp")[];
}

/**
 * A user's own code, one source per backend that is to run it; other backends refuse the kernel. All inputs are contiguous, and code
 * writes each result in row-major order.
 */
export interface CustomKernel extends Plain {
  readonly kind: "custom";
  readonly name: string;
  /** Result shapes, one per output. */
  readonly shapes: readonly Shape[];
  readonly scalars: readonly ComputeType[];
  /**
   * For backends whose memory the host can address: fills `outputs` from `inputs`, arrays of numbers (half floats converted) in
   * row-major order.
   */
  readonly host?: (
    inputs: readonly ArrayLike<number>[],
    outputs: readonly HostOutput[],
    scalars: readonly number[],
  ) => void;
  /**
   * A module with an entry point `main` that states its workgroup size, run on a grid of `workgroups`. Group 0 binds the inputs (`storage,
   * read`), then the outputs (`storage, read_write`), from binding 0 on; elements of less than 4 bytes lie packed in words, the last of
   * which may be written whole. With scalars, group 1 binds `var<uniform> scalars: array<vec4<u32>, ceil(count / 4)>`, their bits. Lengths
   * of arrays may be rounded up.
   */
  readonly wgsl?: { readonly source: string; readonly workgroups: readonly [number, number, number] };
  readonly cuda?: {
    readonly source: string;
    readonly grid: readonly [number, number, number];
    readonly block: readonly [number, number, number];
  };
}

/** A writable host array. */
export interface HostOutput {
  readonly length: number;
  [index: number]: number;
}

export type Kernel =
  | MapKernel
  | ReduceKernel
  | RowKernel
  | MatmulKernel
  | ConvKernel
  | PoolKernel
  | GatherKernel
  | ScatterKernel
  | ScanKernel
  | SortKernel
  | AttentionKernel
  | CustomKernel;

export type KernelKind = Kernel["kind"];

/** Kernels that carry an expression. */
export type FusedKernel = Extract<Kernel, Fused>;

const encode = (_: string, value: unknown): unknown =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? `#${Object.is(value, -0) ? "-0" : value}`
    : typeof value === "function"
      ? functionId(value)
      : value;

const functionIds = new WeakMap<object, string>();
let functions = 0;
const functionId = (fn: object): string => {
  let id = functionIds.get(fn);
  if (id === undefined) {
    id = `#function${functions++}`;
    functionIds.set(fn, id);
  }
  return id;
};

/** Equal for kernels of one structure: the key under which a backend caches programs. */
export const kernelKey = (kernel: Kernel): string => JSON.stringify(kernel, encode);
