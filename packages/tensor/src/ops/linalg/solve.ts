import { broadcastShapes, formatShape, ShapeError } from "@gradloom/backend";
import { positions } from "../../graph/leaves.ts";
import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { promoteTypes } from "../promotion.ts";
import { solveLinear } from "./host/lu.ts";
import { hostPrimitive, requireMatrix, requireSquare } from "./hostPrimitive.ts";

/** With X = A^-1 B: dB = A^-T dX, dA = -dB X^T. */
export const solvePrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "solve",
  result: (shapes) => shapes[1] as readonly number[],
  compute: solveLinear,
  gradient: (x, g) => {
    const a = x.inputs[0] as Tensor;
    const db = g.derive(solvePrimitive, [a.transpose(), g], undefined);
    return [db.matmul(x.transpose()).neg(), db];
  },
});

/** Brings A [..., n, n] and B [..., n, k] or [n] to one type and batch. */
export const systems = (op: string, a: Tensor, b: Tensor, apply: (a: Tensor, b: Tensor) => Tensor): Tensor => {
  requireSquare(op, a);
  const right = b.rank === 1 ? b.unsqueeze(-1) : b;
  requireMatrix(op, right);
  if (right.shape[right.rank - 2] !== a.shape[a.rank - 1]) {
    throw new ShapeError(
      op,
      `${right.shape[right.rank - 2]} equations do not fit ${a.shape[a.rank - 1]} unknowns, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
    );
  }
  const dtype = promoteTypes(a.dtype, right.dtype);
  const batch = broadcastShapes(op, a.shape.slice(0, -2), right.shape.slice(0, -2));
  const full = (x: Tensor): Tensor => x.cast(dtype).broadcastTo([...batch, ...x.shape.slice(-2)]);
  const x = apply(full(a), full(right));
  return b.rank === 1 ? x.squeeze(-1) : x;
};

/**
 * X with `A X = B` for square matrices A [..., n, n], by elimination with row exchange; batches broadcast. B is [..., n, k], or one vector
 * [n]. Infinite or NaN where a matrix is singular.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError unless both are float32 or float64; UnsupportedError as `cholesky`.
 * @example solve(tensor([[2, 0], [0, 4]]), tensor([2, 4])) // [1, 1]
 */
export const solve = (a: Tensor, b: Tensor): Tensor =>
  systems("solve", a, b, (x, y) => x.derive(solvePrimitive, [x, y], undefined));

/** The identity matrix with the type and on the device of `x`. */
export const identity = (x: Tensor, n: number): Tensor => {
  const count = x.derive(positions, [], { shape: [n], dtype: "int32" });
  return count.reshape([n, 1]).equal(count).cast(x.dtype);
};

/**
 * The inverse of square matrices [..., n, n]; infinite or NaN where one is singular. To solve equations `solve` is more accurate.
 *
 * @throws ShapeError unless the matrices are square; DTypeError unless they are float32 or float64; UnsupportedError as `cholesky`.
 * @example inv(tensor([[2, 0], [0, 4]])) // [[0.5, 0], [0, 0.25]]
 */
export const inv = (a: Tensor): Tensor => {
  requireSquare("inv", a);
  return solve(a, identity(a, a.shape[a.rank - 1] as number));
};
