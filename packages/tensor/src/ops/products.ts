import { ArgumentError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { diagonal } from "./movement.ts";

/**
 * The products of all pairs of elements: `y[i, j] = a[i] b[j]`; inputs of other ranks are flattened.
 *
 * @example outer(tensor([1, 2]), tensor([3, 4])) // [[3, 4], [6, 8]]
 */
export const outer = (a: Tensor, b: Tensor): Tensor => a.reshape([a.size, 1]).mul(b.reshape([1, b.size]));

/**
 * `sum_i a[i] b[i]` of two lists.
 *
 * @throws ShapeError unless both are lists of one length; use `matmul` or `tensordot` for others.
 * @example dot(tensor([1, 2]), tensor([3, 4])) // 11
 */
export const dot = (a: Tensor, b: Tensor): Tensor => {
  if (a.rank !== 1 || b.rank !== 1 || a.size !== b.size) {
    throw new ShapeError(
      "dot",
      `takes two lists of one length, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "use matmul or tensordot",
    );
  }
  return a.mul(b).sum();
};

/**
 * `sum_i a[i] b[i]` over all elements in row-major order.
 *
 * @throws ShapeError when the sizes differ.
 * @example vdot(tensor([[1, 2]]), tensor([3, 4])) // 11
 */
export const vdot = (a: Tensor, b: Tensor): Tensor => {
  if (a.size !== b.size) {
    throw new ShapeError("vdot", `takes tensors of one size, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`);
  }
  return a.flatten().mul(b.flatten()).sum();
};

/** The axes of `a` and of `b` that run together; a number takes the last ones of `a` and the first ones of `b`. */
export type ContractedAxes = number | readonly [a: readonly number[], b: readonly number[]];

/**
 * The product summed over pairs of axes; the result has the other axes of `a`, then those of `b`.
 *
 * @throws ShapeError when paired axes differ in size or number.
 * @example tensordot(zeros([2, 3, 4]), zeros([3, 4, 5])).shape // [2, 5]
 */
export const tensordot = (a: Tensor, b: Tensor, axes: ContractedAxes = 2): Tensor => {
  if (typeof axes === "number" && (!Number.isInteger(axes) || axes < 0 || axes > Math.min(a.rank, b.rank))) {
    throw new ArgumentError(
      "tensordot",
      `takes 0 to ${Math.min(a.rank, b.rank)} axes of ${formatShape(a.shape)} and ${formatShape(b.shape)}, got ${axes}`,
    );
  }
  const [ofA, ofB] =
    typeof axes === "number"
      ? [Array.from({ length: axes }, (_, i) => a.rank - axes + i), Array.from({ length: axes }, (_, i) => i)]
      : axes;
  const inA = ofA.map((axis) => normalizeAxis("tensordot", axis, a.rank));
  const inB = ofB.map((axis) => normalizeAxis("tensordot", axis, b.rank));
  const sizes = inA.map((d) => a.shape[d] as number);
  const distinct = new Set(inA).size === inA.length && new Set(inB).size === inB.length;
  if (!distinct || inA.length !== inB.length || inB.some((d, i) => b.shape[d] !== sizes[i])) {
    throw new ShapeError(
      "tensordot",
      `axes ${formatShape(ofA)} and ${formatShape(ofB)} do not pair up, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  const restA = a.shape.map((_, d) => d).filter((d) => !inA.includes(d));
  const restB = b.shape.map((_, d) => d).filter((d) => !inB.includes(d));
  const shapeA = restA.map((d) => a.shape[d] as number);
  const shapeB = restB.map((d) => b.shape[d] as number);
  const product = (shape: readonly number[]): number => shape.reduce((n, m) => n * m, 1);
  const rows = a.permute([...restA, ...inA]).reshape([product(shapeA), product(sizes)]);
  const columns = b.permute([...inB, ...restB]).reshape([product(sizes), product(shapeB)]);
  return rows.matmul(columns).reshape([...shapeA, ...shapeB]);
};

/**
 * Kronecker product: each element of `a` times the whole of `b`; the shorter shape is filled up with leading ones.
 *
 * @example kron(tensor([1, 10]), tensor([1, 2])) // [1, 2, 10, 20]
 */
export const kron = (a: Tensor, b: Tensor): Tensor => {
  const rank = Math.max(a.rank, b.rank);
  const full = (x: Tensor): number[] => [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
  const [p, q] = [full(a), full(b)];
  const x = a.reshape(p.flatMap((n) => [n, 1]));
  const y = b.reshape(q.flatMap((n) => [1, n]));
  return x.mul(y).reshape(p.map((n, d) => n * (q[d] as number)));
};

/**
 * Sum of the diagonal `k` of the planes that two axes span; the axes go away.
 *
 * @throws ShapeError when the axes are equal or out of range.
 * @example trace(tensor([[1, 2], [3, 4]])) // 5
 */
export const trace = (x: Tensor, k = 0, axis1 = 0, axis2 = 1): Tensor => diagonal(x, k, axis1, axis2).sum(-1);
