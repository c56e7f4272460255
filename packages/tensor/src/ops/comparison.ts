import type { DType } from "@gradloom/backend";
import { ArgumentError, isFloat } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { comparison } from "./elementwise.ts";
import type { TensorLike } from "./operands.ts";
import { someTensor, unify } from "./operands.ts";

export const equalPrimitive = comparison("equal", "eq");
export const notEqualPrimitive = comparison("notEqual", "ne");
export const lessPrimitive = comparison("less", "lt");
export const lessEqualPrimitive = comparison("lessEqual", "le");
export const greaterPrimitive = comparison("greater", "gt");
export const greaterEqualPrimitive = comparison("greaterEqual", "ge");

/** Whole numbers that a plain number may be compared with, by the tensor's type; int8, uint8 and bool are compared as int32. */
const ranges: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** A number beside narrow integers is not wrapped to their range, so `x < 300` holds for every uint8. */
const widen = (op: string, operands: readonly [TensorLike, TensorLike], ordered: boolean): TensorLike[] => {
  const number = operands.find((x) => typeof x === "number");
  const { dtype } = someTensor(op, operands);
  const narrow = dtype === "int8" || dtype === "uint8";
  if (number !== undefined && Number.isInteger(number)) {
    const range = ranges[narrow || dtype === "bool" ? "int32" : dtype];
    if (range !== undefined && ((number as number) < range[0] || (number as number) > range[1])) {
      throw new ArgumentError(op, `${number} is outside the range of ${dtype}`, 'use cast("float64") first');
    }
  }
  const wide = (x: TensorLike): TensorLike =>
    typeof x === "object" && ((narrow && number !== undefined) || (ordered && x.dtype === "bool"))
      ? x.cast("int32")
      : x;
  return operands.map(wide);
};

const compare = (op: string, primitive: Primitive<undefined>, ordered: boolean) => {
  return (a: TensorLike, b: TensorLike): Tensor => {
    const [x, y] = unify(op, widen(op, [a, b], ordered)) as [Tensor, Tensor];
    return x.derive(primitive, [x, y], undefined);
  };
};

/**
 * `a == b`, elementwise with broadcasting, as bool; NaN equals nothing.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices; ArgumentError for a
 * number outside the range of integers that it is compared with.
 * @example equal(tensor([1, 2]), 2) // [false, true]
 */
export const equal = compare("equal", equalPrimitive, false);

/**
 * `a != b`, elementwise with broadcasting, as bool; NaN differs from everything. Errors as `equal`.
 *
 * @example notEqual(tensor([1, 2]), 2) // [true, false]
 */
export const notEqual = compare("notEqual", notEqualPrimitive, false);

/**
 * `a < b`, elementwise with broadcasting, as bool; false with NaN. Errors as `equal`.
 *
 * @example less(tensor([1, 2]), 2) // [true, false]
 */
export const less = compare("less", lessPrimitive, true);

/**
 * `a <= b`, elementwise with broadcasting, as bool; false with NaN. Errors as `equal`.
 *
 * @example lessEqual(tensor([1, 3]), 1) // [true, false]
 */
export const lessEqual = compare("lessEqual", lessEqualPrimitive, true);

/**
 * `a > b`, elementwise with broadcasting, as bool; false with NaN. Errors as `equal`.
 *
 * @example greater(tensor([1, 2]), 1) // [false, true]
 */
export const greater = compare("greater", greaterPrimitive, true);

/**
 * `a >= b`, elementwise with broadcasting, as bool; false with NaN. Errors as `equal`.
 *
 * @example greaterEqual(tensor([1, 2]), 2) // [false, true]
 */
export const greaterEqual = compare("greaterEqual", greaterEqualPrimitive, true);

/**
 * True where `x` is NaN; integers never are.
 *
 * @example isNaN(tensor([0, NaN])) // [false, true]
 */
export const isNaN = (x: Tensor): Tensor => notEqual(x, x);

/** The largest finite number of the type in which elements of a float type are calculated. */
const largest = (x: Tensor): Tensor =>
  x.constant(x.dtype === "float64" ? Number.MAX_VALUE : (2 - 2 ** -23) * 2 ** 127, wide(x));

const wide = (x: Tensor): DType => (x.dtype === "float64" ? "float64" : "float32");

/**
 * True where `x` is neither NaN nor infinite; integers always are finite.
 *
 * @example isFinite(tensor([0, NaN, Infinity])) // [true, false, false]
 */
export const isFinite = (x: Tensor): Tensor =>
  isFloat(x.dtype) ? lessEqual(x.cast(wide(x)).abs(), largest(x)) : equal(x, x);

/**
 * True where `x` is infinite, of either sign.
 *
 * @example isInfinite(tensor([0, NaN, -Infinity])) // [false, false, true]
 */
export const isInfinite = (x: Tensor): Tensor =>
  isFloat(x.dtype) ? greater(x.cast(wide(x)).abs(), largest(x)) : notEqual(x, x);

/**
 * True where `x` is Infinity.
 *
 * @example isPositiveInfinite(tensor([Infinity, -Infinity])) // [true, false]
 */
export const isPositiveInfinite = (x: Tensor): Tensor =>
  isFloat(x.dtype) ? greater(x.cast(wide(x)), largest(x)) : notEqual(x, x);

/**
 * True where `x` is -Infinity.
 *
 * @example isNegativeInfinite(tensor([Infinity, -Infinity])) // [false, true]
 */
export const isNegativeInfinite = (x: Tensor): Tensor =>
  isFloat(x.dtype) ? less(x.cast(wide(x)), largest(x).neg()) : notEqual(x, x);

/**
 * `|a - b| <= absolute + relative * |b|`, elementwise with broadcasting; NaN is close to NaN only when `equalNaN` is set.
 *
 * @example isClose(tensor([1, 2]), tensor([1.0000001, 2.1])) // [true, false]
 */
export const isClose = (
  a: TensorLike,
  b: TensorLike,
  {
    relative = 1e-5,
    absolute = 1e-8,
    equalNaN = false,
  }: { relative?: number; absolute?: number; equalNaN?: boolean } = {},
): Tensor => {
  const [x, y] = unify("isClose", [a, b]).map((t) => (isFloat(t.dtype) ? t : t.cast("float64"))) as [Tensor, Tensor];
  const near = isFinite(y).logicalAnd(lessEqual(x.sub(y).abs(), y.abs().mul(relative).add(absolute)));
  const close = equal(x, y).logicalOr(near);
  return equalNaN ? close.logicalOr(isNaN(x).logicalAnd(isNaN(y))) : close;
};
