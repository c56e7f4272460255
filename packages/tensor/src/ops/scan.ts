import type { ScanKernel } from "@gradloom/backend";
import { isInteger, normalizeAxis } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { takeAlongAxis } from "./gather.ts";
import { requireType, toFloat } from "./operands.ts";
import type { ValuesAndIndices } from "./sort.ts";

type Operation = ScanKernel["operation"];

interface ScanAttributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const scan = (
  name: string,
  operation: Operation,
  gradient: Primitive<ScanAttributes>["gradient"],
): Primitive<ScanAttributes> =>
  definePrimitive<ScanAttributes>({
    name,
    infer: ([x]) => ({
      shape: (x as Tensor).shape,
      dtype: operation === "argmax" || operation === "argmin" ? "int32" : (x as Tensor).dtype,
    }),
    lower: { kind: "kernel", fuses: false, template: (attributes) => ({ kind: "scan", operation, ...attributes }) },
    gradient,
  });

const cumsumPrimitive: Primitive<ScanAttributes> = scan("cumsum", "sum", ({ attributes }, g) => [
  g.derive(cumsumPrimitive, [g], { ...attributes, reverse: !attributes.reverse }),
]);

/** Elements of `axis` moved `by` places towards its start (its end when negative); zeros come in. */
const shifted = (x: Tensor, axis: number, by: number): Tensor => {
  const n = x.shape[axis] as number;
  const rest = Math.max(0, n - Math.abs(by));
  const along = (value: number): number[] => x.shape.map((_, d) => (d === axis ? value : 0));
  return x
    .stridedSlice(
      along(rest === 0 ? 0 : Math.max(0, by)),
      x.shape.map((m, d) => (d === axis ? rest : m)),
    )
    .zeroPad(along(by > 0 ? 0 : n - rest), along(by > 0 ? n - rest : 0));
};

/**
 * dx_i = p_i r_i with p_i the product before i and r_i = g_i + x_{i+1} r_{i+1}: exact where elements are 0. The recurrence is solved in
 * log2(n) steps, each of which doubles how far r_i looks.
 */
const cumprodPrimitive: Primitive<ScanAttributes> = scan("cumprod", "prod", ({ inputs, attributes }, g) => {
  const x = inputs[0] as Tensor;
  const { axis, exclusive, reverse } = attributes;
  const towards = (y: Tensor, by: number): Tensor => shifted(y, axis, reverse ? -by : by);
  const n = x.shape[axis] as number;
  let sum = exclusive ? towards(g, 1) : g;
  let factor = towards(x, 1);
  for (let step = 1; step < n; step *= 2) {
    sum = sum.add(factor.mul(towards(sum, step)));
    factor = factor.mul(towards(factor, step));
  }
  return [x.derive(cumprodPrimitive, [x], { axis, exclusive: true, reverse }).mul(sum)];
});

/** log sum exp of the elements up to each: the gradient is summed in the logarithm too, its positive and negative part apart. */
const cumulativeLogSumExpPrimitive: Primitive<ScanAttributes> = scan("cumulativeLogSumExp", "logAddExp", (node, g) => {
  const x = node.inputs[0] as Tensor;
  const { attributes } = node;
  const lowest = g.constant(Number.NEGATIVE_INFINITY);
  const zero = g.constant(0);
  // Elements of -Infinity have no share in any sum.
  const absent = x.equal(lowest);
  const part = (sign: Tensor, positive: Tensor): Tensor => {
    const logarithm = positive.where(sign.log(), lowest).sub(node);
    const sum = logarithm.derive(cumulativeLogSumExpPrimitive, [logarithm], {
      ...attributes,
      reverse: !attributes.reverse,
    });
    return absent.where(zero, absent.where(zero, x.add(sum)).exp());
  };
  const up = g.greater(zero);
  const down = g.less(zero);
  const one = g.constant(1);
  return [part(up.where(g, one), up).sub(part(down.where(g.neg(), one), down))];
});

const argCummaxPrimitive = scan("cummax", "argmax", "zero");
const argCumminPrimitive = scan("cummin", "argmin", "zero");

export interface ScanOptions {
  /** Without the element itself: the first result is the neutral element. */
  readonly exclusive?: boolean;
  /** From the end of the axis. */
  readonly reverse?: boolean;
}

/** int8, uint8 and bool add up in int32. */
const widened = (x: Tensor): Tensor =>
  (isInteger(x.dtype) && x.dtype !== "uint32") || x.dtype === "bool" ? x.cast("int32") : x;

const attributesOf = (op: string, x: Tensor, axis: number, options: ScanOptions): ScanAttributes => ({
  axis: normalizeAxis(op, axis, x.rank),
  exclusive: options.exclusive ?? false,
  reverse: options.reverse ?? false,
});

/**
 * Running sum `y_i = x_0 + ... + x_i` along `axis`. Integers and truth values add up in int32 and wrap.
 *
 * @throws ShapeError when the axis is out of range.
 * @example cumsum(tensor([1, 2, 3]), 0) // [1, 3, 6]
 */
export const cumsum = (x: Tensor, axis = -1, options: ScanOptions = {}): Tensor => {
  const y = widened(x);
  return y.derive(cumsumPrimitive, [y], attributesOf("cumsum", x, axis, options));
};

/**
 * Running product `y_i = x_0 ... x_i` along `axis`. Integers and truth values multiply in int32 and wrap.
 *
 * @throws ShapeError when the axis is out of range.
 * @example cumprod(tensor([1, 2, 3]), 0) // [1, 2, 6]
 */
export const cumprod = (x: Tensor, axis = -1, options: ScanOptions = {}): Tensor => {
  const y = widened(x);
  return y.derive(cumprodPrimitive, [y], attributesOf("cumprod", x, axis, options));
};

/**
 * Running `y_i = log(exp(x_0) + ... + exp(x_i))` along `axis`, without overflow. Integers become float32.
 *
 * @throws ShapeError when the axis is out of range.
 * @example cumulativeLogSumExp(tensor([0, 0]), 0) // [0, 0.6931]
 */
export const cumulativeLogSumExp = (x: Tensor, axis = -1, options: ScanOptions = {}): Tensor => {
  const y = toFloat(x);
  return y.derive(cumulativeLogSumExpPrimitive, [y], attributesOf("cumulativeLogSumExp", x, axis, options));
};

const running =
  (op: string, primitive: Primitive<ScanAttributes>) =>
  (x: Tensor, axis = -1, options: { readonly reverse?: boolean } = {}): ValuesAndIndices => {
    requireType(op, x, (dtype) => dtype !== "bool", "numbers");
    const attributes = attributesOf(op, x, axis, options);
    const indices = x.derive(primitive, [x], attributes);
    return { values: takeAlongAxis(x, indices, attributes.axis), indices };
  };

/**
 * Largest element so far along `axis`, and its position (int32): the latest of equal ones. From the first NaN on the result is NaN.
 *
 * @throws ShapeError when the axis is out of range; DTypeError for bool.
 * @example cummax(tensor([1, 3, 2]), 0).values // [1, 3, 3]
 */
export const cummax = running("cummax", argCummaxPrimitive);

/** Smallest element so far along `axis`, and its position; as `cummax`. */
export const cummin = running("cummin", argCumminPrimitive);
