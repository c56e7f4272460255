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

export const cumsumPrimitive: Primitive<ScanAttributes> = scan("cumsum", "sum", ({ attributes }, g) => [
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

/** Elements of a scan moved by one: element i becomes element i + 1 in the direction of the scan; a 0 comes in. */
const following = (x: Tensor, { axis, reverse }: ScanAttributes, by = 1): Tensor =>
  shifted(x, axis, reverse ? -by : by);

/** r with r_i = g_i + f_i r_{i+1}, in log2(n) steps: each doubles how far r_i looks. The last f has to be 0. */
const recurrence = (g: Tensor, f: Tensor, attributes: ScanAttributes): Tensor => {
  const n = g.shape[attributes.axis] as number;
  let sum = g;
  let factor = f;
  for (let step = 1; step < n; step *= 2) {
    sum = sum.add(factor.mul(following(sum, attributes, step)));
    factor = factor.mul(following(factor, attributes, step));
  }
  return sum;
};

/** dx_i = p_i r_i with p_i the product before i and r_i = g_i + x_{i+1} r_{i+1}: exact where elements are 0. */
export const cumprodPrimitive: Primitive<ScanAttributes> = scan("cumprod", "prod", ({ inputs, attributes }, g) => {
  const x = inputs[0] as Tensor;
  const sum = recurrence(attributes.exclusive ? following(g, attributes) : g, following(x, attributes), attributes);
  return [x.derive(cumprodPrimitive, [x], { ...attributes, exclusive: true }).mul(sum)];
});

/** e^(a - b), 0 where a is -Infinity. */
const ratio = (a: Tensor, b: Tensor): Tensor => {
  const none = a.equal(a.constant(Number.NEGATIVE_INFINITY));
  const zero = a.constant(0);
  return none.where(zero, none.where(zero, a.sub(b)).exp());
};

/** dx_i = e^(x_i - y_i) r_i with r_i = g_i + e^(y_i - y_{i+1}) r_{i+1}: all powers are at most 1. */
export const cumulativeLogSumExpPrimitive: Primitive<ScanAttributes> = scan(
  "cumulativeLogSumExp",
  "logAddExp",
  (node, g) => {
    const x = node.inputs[0] as Tensor;
    const { attributes } = node;
    const { axis, exclusive, reverse } = attributes;
    const y = exclusive ? x.derive(cumulativeLogSumExpPrimitive, [x], { ...attributes, exclusive: false }) : node;
    const along = (from: number, other: number): number[] => x.shape.map((_, d) => (d === axis ? from : other));
    const size = x.shape.map((n, d) => (d === axis ? Math.max(0, n - 1) : n));
    const [first, second] = reverse ? [1, 0] : [0, 1];
    const powers = ratio(y.stridedSlice(along(first, 0), size), y.stridedSlice(along(second, 0), size));
    const rest = (x.shape[axis] as number) - (size[axis] as number);
    const factor = powers.zeroPad(along(reverse ? rest : 0, 0), along(reverse ? 0 : rest, 0));
    const sum = recurrence(exclusive ? following(g, attributes) : g, factor, attributes);
    return [ratio(x, y).mul(sum)];
  },
);

export const argCummaxPrimitive = scan("cummax", "argmax", "zero");
export const argCumminPrimitive = scan("cummin", "argmin", "zero");

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
