import type { DType, Reduction } from "@gradloom/backend";
import { formatShape, isInteger, normalizeAxes, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { toFloat } from "./operands.ts";

/** Which dimensions are folded; all of them when undefined. */
export type Axes = number | readonly number[];

interface Attributes {
  readonly axes: readonly number[];
}

const reduction = (name: string, kind: Reduction, gradient: Primitive<Attributes>["gradient"], dtype?: DType) =>
  definePrimitive<Attributes>({
    name,
    infer: ([x], { axes }) => ({
      shape: (x as Tensor).shape.filter((_, d) => !axes.includes(d)),
      dtype: dtype ?? (x as Tensor).dtype,
    }),
    lower: { kind: "reduce", reduction: kind, axes: ({ axes }) => axes },
    gradient,
  });

/** A reduced value with its axes put back as size 1, then repeated to the shape of what was reduced. */
const spread = (y: Tensor, { inputs: [x], attributes: { axes } }: Tensor<Attributes>): Tensor => {
  const { shape } = x as Tensor;
  return y.reshape(shape.map((n, d) => (axes.includes(d) ? 1 : n))).broadcastTo(shape);
};

export const sumPrimitive = reduction("sum", "sum", (node, g) => [spread(g, node)]);

/** The gradient of an extreme value is shared evenly among the elements that have it, as PyTorch's amax and amin do. */
const sharedAmongTies = (node: Tensor<Attributes>, g: Tensor): Tensor[] => {
  const x = node.inputs[0] as Tensor;
  const y = spread(node, node);
  const extreme = x.equal(y).logicalOr(x.isNaN().logicalAnd(y.isNaN())).cast(x.dtype);
  const count = extreme.sum(node.attributes.axes);
  return [extreme.mul(spread(g.div(count), node))];
};

export const maxPrimitive = reduction("max", "max", sharedAmongTies);
export const minPrimitive = reduction("min", "min", sharedAmongTies);
export const prodPrimitive = reduction("prod", "prod", (node, g) => [productGradient(node, g)]);
export const argmaxPrimitive = reduction("argmax", "argmax", "zero", "int32");
export const argminPrimitive = reduction("argmin", "argmin", "zero", "int32");
export const anyPrimitive = reduction("any", "any", "zero", "bool");
export const allPrimitive = reduction("all", "all", "zero", "bool");

/** The product of all other elements: exact where elements are 0, and differentiable again. */
const productGradient = (node: Tensor<Attributes>, g: Tensor): Tensor => {
  const x = node.inputs[0] as Tensor;
  const { axes } = node.attributes;
  const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d));
  const order = [...kept, ...axes];
  const keptShape = kept.map((d) => x.shape[d] as number);
  const n = axes.reduce((size, d) => size * (x.shape[d] as number), 1);
  const rows = x.permute(order).reshape([...keptShape, n]);
  const others = productOfOthers(rows, n);
  const back = x.shape.map((_, d) => order.indexOf(d));
  return others
    .mul(g.reshape([...keptShape, 1]))
    .reshape(order.map((d) => x.shape[d] as number))
    .permute(back);
};

/** The product of a row's other elements, by blocks that double: each element meets the product of the block beside its own. */
const productOfOthers = (rows: Tensor, n: number): Tensor => {
  const lead = rows.shape.slice(0, -1);
  const zeros = lead.map(() => 0);
  let width = 1;
  while (width < n) width *= 2;
  const filler = rows
    .constant(1, rows.dtype)
    .broadcastTo([...lead, width - n])
    .zeroPad([...zeros, n], [...zeros, 0]);
  let blocks = rows.zeroPad([...zeros, 0], [...zeros, width - n]).add(filler);
  let others = rows.constant(1, rows.dtype).broadcastTo([...lead, width]);
  for (let size = 1; size < width; size *= 2) {
    const count = width / size;
    const pairs = blocks.reshape([...lead, count / 2, 2]);
    const beside = pairs.flip(-1).reshape([...lead, count, 1]);
    others = others
      .reshape([...lead, count, size])
      .mul(beside)
      .reshape([...lead, width]);
    blocks = pairs
      .flip(-1)
      .mul(pairs)
      .stridedSlice([...zeros, 0, 0], [...lead, count / 2, 1])
      .reshape([...lead, count / 2]);
  }
  return others.stridedSlice([...zeros, 0], [...lead, n]);
};

/** Reduces `axes` of `x`; with `keepDims` they stay as dimensions of size 1. */
const reduce = (primitive: Primitive<Attributes>, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor => {
  const y = axes.length === 0 ? x : x.derive(primitive, [x], { axes });
  return keepDims ? y.reshape(x.shape.map((n, d) => (axes.includes(d) ? 1 : n))) : y;
};

const requireElements = (op: string, x: Tensor, axes: readonly number[]): void => {
  for (const d of axes) {
    if (x.shape[d] === 0) {
      throw new ShapeError(op, `has no result over the empty dimension ${d} of ${formatShape(x.shape)}`);
    }
  }
};

/** int8, uint8 and bool add up in int32. */
const widened = (x: Tensor): Tensor =>
  isInteger(x.dtype) || x.dtype === "bool" ? x.cast(x.dtype === "uint32" ? "uint32" : "int32") : x;

/**
 * Sum over `axes` (all of them by default); 0 over no elements. Integers and truth values add up in int32 and wrap.
 *
 * @example sum(tensor([[1, 2], [3, 4]]), 0) // [4, 6]
 */
export const sum = (x: Tensor, axes?: Axes, keepDims = false): Tensor => {
  const over = normalizeAxes("sum", axes, x.rank);
  return reduce(sumPrimitive, widened(x), over, keepDims);
};

/**
 * Arithmetic mean over `axes`; NaN over no elements. Integers give float32.
 *
 * @example mean(tensor([[1, 2], [3, 4]])) // 2.5
 */
export const mean = (x: Tensor, axes?: Axes, keepDims = false): Tensor => {
  const over = normalizeAxes("mean", axes, x.rank);
  const count = over.reduce((n, d) => n * (x.shape[d] as number), 1);
  const total = sum(toFloat(x), over, keepDims);
  return total.div(total.constant(count));
};

/**
 * Product over `axes`; 1 over no elements. Integers multiply in int32 and wrap.
 *
 * @example prod(tensor([2, 3, 4])) // 24
 */
export const prod = (x: Tensor, axes?: Axes, keepDims = false): Tensor =>
  reduce(prodPrimitive, widened(x), normalizeAxes("prod", axes, x.rank), keepDims);

/** The largest truth value is whether any is true, the smallest whether all are. */
const extreme =
  (op: "max" | "min", primitive: Primitive<Attributes>, onBool: Primitive<Attributes>) =>
  (x: Tensor, axes?: Axes, keepDims = false): Tensor => {
    const over = normalizeAxes(op, axes, x.rank);
    requireElements(op, x, over);
    return reduce(x.dtype === "bool" ? onBool : primitive, x, over, keepDims);
  };

/**
 * Largest element over `axes`; NaN when there is one. The gradient is shared evenly among ties.
 *
 * @throws ShapeError over an empty dimension.
 * @example max(tensor([[1, 5], [3, 4]]), 1) // [5, 4]
 */
export const max = extreme("max", maxPrimitive, anyPrimitive);

/** Smallest element over `axes`; as `max`. */
export const min = extreme("min", minPrimitive, allPrimitive);

const position =
  (op: "argmax" | "argmin", primitive: Primitive<Attributes>) =>
  (x: Tensor, axis?: number, keepDims = false): Tensor => {
    const over = axis === undefined ? normalizeAxes(op, undefined, x.rank) : [normalizeAxis(op, axis, x.rank)];
    requireElements(op, x, over);
    if (over.length === 0) return x.constant(0, "int32");
    return reduce(primitive, x.dtype === "bool" ? x.cast("int32") : x, over, keepDims);
  };

/**
 * Position (int32) of the first largest element along `axis`, or in row-major order of the whole tensor; NaN counts as largest.
 *
 * @throws ShapeError over an empty dimension.
 * @example argmax(tensor([[1, 5], [3, 4]]), 1) // [1, 1]
 */
export const argmax = position("argmax", argmaxPrimitive);

/** Position of the first smallest element; NaN counts as smallest. As `argmax`. */
export const argmin = position("argmin", argminPrimitive);

const truth =
  (op: "any" | "all", primitive: Primitive<Attributes>) =>
  (x: Tensor, axes?: Axes, keepDims = false): Tensor =>
    reduce(primitive, x.cast("bool"), normalizeAxes(op, axes, x.rank), keepDims);

/** True where any element over `axes` is not 0; false over no elements. */
export const any = truth("any", anyPrimitive);

/** True where all elements over `axes` are not 0; true over no elements. */
export const all = truth("all", allPrimitive);
