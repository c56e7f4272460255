import type { DType, HostArray, Shape } from "@gradloom/backend";
import { DeviceError, formatShape, readElement, ShapeError, sizeOf, UnsupportedError } from "@gradloom/backend";
import { checkFinite, debugging } from "./debug.ts";
import { type Device, type DeviceName, openDevice } from "./device.ts";
import { constant, data, scalar } from "./graph/leaves.ts";
import type { Primitive } from "./graph/primitive.ts";
import type { Storage } from "./graph/storage.ts";
import { add, div, mul, neg, sub } from "./ops/arithmetic.ts";
import { cast } from "./ops/cast.ts";
import { equal, greater, greaterEqual, isNaN, less, lessEqual, notEqual } from "./ops/comparison.ts";
import { logicalAnd, logicalNot, logicalOr } from "./ops/logical.ts";
import {
  abs,
  cos,
  exp,
  log,
  maximum,
  minimum,
  pow,
  reciprocal,
  sign,
  sin,
  sqrt,
  square,
  tanh,
} from "./ops/mathematics.ts";
import { matmul } from "./ops/matmul.ts";
import { broadcastTo, permute, reshape, stridedSlice, zeroPad } from "./ops/movement.ts";
import type { TensorLike } from "./ops/operands.ts";
import type { Axes } from "./ops/reduction.ts";
import { all, any, argmax, argmin, max, mean, min, prod, sum } from "./ops/reduction.ts";
import type { SliceRange } from "./ops/slice.ts";
import { flatten, flip, slice, squeeze, transpose, unsqueeze } from "./ops/slice.ts";
import { where } from "./ops/where.ts";
import { evaluate } from "./schedule/evaluate.ts";
import { read, readSync } from "./schedule/read.ts";
import type { Variable } from "./variable.ts";

/** Nested lists of numbers, as `array()` gives them. */
export type NestedArray = number | readonly NestedArray[];

/** A value that lives in a variable's memory until the variable is assigned again. */
export interface Alias {
  readonly variable: Variable;
  readonly version: number;
}

let tensors = 0;

/**
 * An immutable array of numbers on a device: a value, or the recipe for one. Operations compute nothing; reading (`data`, `array`, `item`)
 * or `evaluate` runs all that is needed as few fused kernels.
 */
export class Tensor<A = unknown> {
  readonly primitive: Primitive<A>;
  readonly attributes: A;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  /** Number of elements. */
  readonly size: number;
  /** Creation order. @internal */
  readonly id: number = tensors++;
  /** Emptied when the history of an evaluated tensor is let go. @internal */
  inputs: readonly Tensor[];
  /** Device memory, once evaluated. @internal */
  storage: Storage | undefined = undefined;
  /** Values on the host. @internal */
  host: HostArray | undefined = undefined;
  /** The variable whose memory holds the value, as long as its version is this. @internal */
  alias: Alias | undefined = undefined;
  /** @internal */
  disposed = false;
  /** True once the inputs were let go. @internal */
  forgotten = false;
  /** Scratch fields of graph walks. @internal */
  mark = 0;
  /** @internal */
  local = 0;

  constructor(
    primitive: Primitive<A>,
    inputs: readonly Tensor[],
    attributes: A,
    shape: Shape,
    dtype: DType,
    device: Device,
  ) {
    this.primitive = primitive;
    this.inputs = inputs;
    this.attributes = attributes;
    this.shape = shape;
    this.dtype = dtype;
    this.device = device;
    this.size = sizeOf(shape);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Applies a primitive: checks the inputs, gives the lazy result. The way in which every operation makes tensors. */
  derive<B>(primitive: Primitive<B>, inputs: readonly Tensor[], attributes: B): Tensor<B> {
    for (const input of inputs) {
      if (input.device !== this.device) {
        throw new DeviceError(
          primitive.name,
          `operands live on two devices, got ${this.device.name} and ${input.device.name}`,
          "move one with to(device)",
        );
      }
    }
    const { shape, dtype } = primitive.infer(inputs, attributes);
    const result = new Tensor<B>(primitive, inputs, attributes, shape, dtype, this.device);
    if (debugging()) checkFinite(result);
    return result;
  }

  /** A rank-0 number that kernels contain as a constant. */
  constant(value: number, dtype: DType = this.dtype): Tensor {
    return new Tensor(constant, [], { shape: [], dtype, value }, [], dtype, this.device);
  }

  /** A rank-0 number that kernels take as an argument: another value compiles nothing. */
  scalar(value: number, dtype: DType = this.dtype): Tensor {
    return new Tensor(scalar, [], { shape: [], dtype, value }, [], dtype, this.device);
  }

  add(b: TensorLike): Tensor {
    return add(this, b);
  }

  sub(b: TensorLike): Tensor {
    return sub(this, b);
  }

  mul(b: TensorLike): Tensor {
    return mul(this, b);
  }

  div(b: TensorLike): Tensor {
    return div(this, b);
  }

  pow(b: TensorLike): Tensor {
    return pow(this, b);
  }

  maximum(b: TensorLike): Tensor {
    return maximum(this, b);
  }

  minimum(b: TensorLike): Tensor {
    return minimum(this, b);
  }

  neg(): Tensor {
    return neg(this);
  }

  abs(): Tensor {
    return abs(this);
  }

  sign(): Tensor {
    return sign(this);
  }

  square(): Tensor {
    return square(this);
  }

  sqrt(): Tensor {
    return sqrt(this);
  }

  reciprocal(): Tensor {
    return reciprocal(this);
  }

  exp(): Tensor {
    return exp(this);
  }

  log(): Tensor {
    return log(this);
  }

  sin(): Tensor {
    return sin(this);
  }

  cos(): Tensor {
    return cos(this);
  }

  tanh(): Tensor {
    return tanh(this);
  }

  equal(b: TensorLike): Tensor {
    return equal(this, b);
  }

  notEqual(b: TensorLike): Tensor {
    return notEqual(this, b);
  }

  less(b: TensorLike): Tensor {
    return less(this, b);
  }

  lessEqual(b: TensorLike): Tensor {
    return lessEqual(this, b);
  }

  greater(b: TensorLike): Tensor {
    return greater(this, b);
  }

  greaterEqual(b: TensorLike): Tensor {
    return greaterEqual(this, b);
  }

  isNaN(): Tensor {
    return isNaN(this);
  }

  logicalAnd(b: TensorLike): Tensor {
    return logicalAnd(this, b);
  }

  logicalOr(b: TensorLike): Tensor {
    return logicalOr(this, b);
  }

  logicalNot(): Tensor {
    return logicalNot(this);
  }

  /** `this ? a : b`, elementwise with broadcasting. */
  where(a: TensorLike, b: TensorLike): Tensor {
    return where(this, a, b);
  }

  cast(dtype: DType): Tensor {
    return cast(this, dtype);
  }

  reshape(shape: Shape): Tensor {
    return reshape(this, shape);
  }

  flatten(from?: number, to?: number): Tensor {
    return flatten(this, from, to);
  }

  squeeze(axes?: Axes): Tensor {
    return squeeze(this, axes);
  }

  unsqueeze(axis: number): Tensor {
    return unsqueeze(this, axis);
  }

  permute(axes: readonly number[]): Tensor {
    return permute(this, axes);
  }

  /** Swaps two dimensions, the last two by default. */
  transpose(axis1?: number, axis2?: number): Tensor {
    return transpose(this, axis1, axis2);
  }

  broadcastTo(shape: Shape): Tensor {
    return broadcastTo(this, shape);
  }

  slice(ranges: string | readonly SliceRange[]): Tensor {
    return slice(this, ranges);
  }

  /** Slices by start, size and step per dimension. */
  stridedSlice(start: readonly number[], size: readonly number[], step?: readonly number[]): Tensor {
    return stridedSlice(this, start, size, step);
  }

  flip(axes?: Axes): Tensor {
    return flip(this, axes);
  }

  /** Zeros before (`low`) and after (`high`) each dimension. */
  zeroPad(low: readonly number[], high: readonly number[]): Tensor {
    return zeroPad(this, low, high);
  }

  sum(axes?: Axes, keepDims?: boolean): Tensor {
    return sum(this, axes, keepDims);
  }

  mean(axes?: Axes, keepDims?: boolean): Tensor {
    return mean(this, axes, keepDims);
  }

  prod(axes?: Axes, keepDims?: boolean): Tensor {
    return prod(this, axes, keepDims);
  }

  max(axes?: Axes, keepDims?: boolean): Tensor {
    return max(this, axes, keepDims);
  }

  min(axes?: Axes, keepDims?: boolean): Tensor {
    return min(this, axes, keepDims);
  }

  argmax(axis?: number, keepDims?: boolean): Tensor {
    return argmax(this, axis, keepDims);
  }

  argmin(axis?: number, keepDims?: boolean): Tensor {
    return argmin(this, axis, keepDims);
  }

  any(axes?: Axes, keepDims?: boolean): Tensor {
    return any(this, axes, keepDims);
  }

  all(axes?: Axes, keepDims?: boolean): Tensor {
    return all(this, axes, keepDims);
  }

  matmul(b: Tensor): Tensor {
    return matmul(this, b);
  }

  /** The elements in row-major order, as a fresh host array; computes what is not computed yet. */
  data(): Promise<HostArray> {
    return read(this);
  }

  /** As `data`, on devices that can block. */
  dataSync(): HostArray {
    return readSync(this);
  }

  /** The elements as nested lists; a number at rank 0. */
  async array(): Promise<NestedArray> {
    return nest(this, await read(this));
  }

  /** The only element as a number. */
  async item(): Promise<number> {
    return only(this, await read(this));
  }

  /** As `item`, on devices that can block. */
  itemSync(): number {
    return only(this, readSync(this));
  }

  /**
   * The same values on another device; they pass through the host.
   *
   * @throws UnsupportedError when the device does not hold the element type.
   * @example const y = await x.to("webgpu")
   */
  async to(device: DeviceName | Device): Promise<Tensor> {
    const target = await openDevice(device);
    if (target === this.device) return this;
    if (!target.backend.traits.storage.has(this.dtype)) {
      throw new UnsupportedError("to", `the ${target.name} device does not hold ${this.dtype}`, "cast first");
    }
    const host = await read(this);
    const { shape, dtype } = this;
    const result = new Tensor(data, [], { shape, dtype }, shape, dtype, target);
    result.host = host;
    return result;
  }

  /** Computes the value and keeps it on the device until it is disposed of or collected. */
  async evaluate(): Promise<this> {
    await evaluate(this);
    return this;
  }

  /** Frees the device memory of an evaluated tensor now. The tensor must not be used afterwards. */
  dispose(): void {
    this.storage?.release();
    this.disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  toString(): string {
    return `Tensor(${this.primitive.name}, [${this.shape.join(",")}], ${this.dtype}, ${this.device.name})`;
  }
}

/** One element of a host array as a number. */
const only = (x: Tensor, values: HostArray): number => {
  if (x.size !== 1) {
    throw new ShapeError("item", `needs exactly one element, got ${formatShape(x.shape)}`, "reduce it or use array()");
  }
  return readElement(x.dtype, values, 0);
};

/** Nested lists of the shape of `x`. */
const nest = (x: Tensor, values: HostArray): NestedArray => {
  let next = 0;
  const level = (d: number): NestedArray =>
    d === x.rank
      ? readElement(x.dtype, values, next++)
      : Array.from({ length: x.shape[d] as number }, () => level(d + 1));
  return level(0);
};
