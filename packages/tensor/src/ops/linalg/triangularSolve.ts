import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { tril, triu } from "../like.ts";
import type { Triangle } from "./host/triangular.ts";
import { substitute } from "./host/triangular.ts";
import { hostPrimitive } from "./hostPrimitive.ts";
import { systems } from "./solve.ts";

/** With X = A^-1 B: dB = A^-T dX, dA = -dB X^T on the triangle. */
export const triangularPrimitive: Primitive<Triangle> = hostPrimitive<Triangle>({
  name: "triangularSolve",
  result: (shapes) => shapes[1] as readonly number[],
  compute: substitute,
  gradient: (x, g) => {
    const { lower, unitDiagonal } = x.attributes;
    const a = x.inputs[0] as Tensor;
    const db = g.derive(triangularPrimitive, [a.transpose(), g], { lower: !lower, unitDiagonal });
    const da = db.matmul(x.transpose()).neg();
    const inside = unitDiagonal ? 1 : 0;
    return [lower ? tril(da, -inside) : triu(da, inside), db];
  },
});

export interface TriangularSolveOptions {
  /** Whether the lower half of A counts (the default), or the upper one. */
  readonly lower?: boolean;
  /** Takes the diagonal of A as ones. */
  readonly unitDiagonal?: boolean;
}

/**
 * X with `A X = B` for triangular matrices A [..., n, n]; only one half of A is read. B is [..., n, k], or one vector [n]. Infinite or NaN where
 * the diagonal has a 0.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError unless both are float32 or float64; UnsupportedError as `cholesky`.
 * @example triangularSolve(tensor([[2, 0], [1, 1]]), tensor([2, 3])) // [1, 2]
 */
export const triangularSolve = (a: Tensor, b: Tensor, options: TriangularSolveOptions = {}): Tensor => {
  const { lower = true, unitDiagonal = false } = options;
  return systems("triangularSolve", a, b, (x, y) => x.derive(triangularPrimitive, [x, y], { lower, unitDiagonal }));
};
