import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { tril } from "../like.ts";
import { choleskyFactor } from "./host/triangular.ts";
import { hostPrimitive, requireSquare } from "./hostPrimitive.ts";
import { triangularSolve } from "./triangularSolve.ts";

/** The lower half, with half of the diagonal. */
const halved = (x: Tensor): Tensor => tril(x).sub(tril(x).sub(tril(x, -1)).mul(x.constant(0.5)));

/** Murray, "Differentiation of the Cholesky decomposition" (2016): dA = sym(L^-T halved(L^T dL) L^-1). */
export const choleskyPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "cholesky",
  result: ([shape]) => shape as readonly number[],
  compute: choleskyFactor,
  gradient: (l, g) => {
    const middle = halved(l.transpose().matmul(tril(g)));
    const left = triangularSolve(l.transpose(), middle, { lower: false });
    const both = triangularSolve(l.transpose(), left.transpose(), { lower: false });
    return [both.add(both.transpose()).mul(g.constant(0.5))];
  },
});

/**
 * The lower triangular L with `A = L L^T` of symmetric positive definite matrices A [..., n, n], of which the lower half is read. NaN throughout
 * where a matrix is not positive definite. The gradient is symmetric.
 *
 * @throws ShapeError unless the matrices are square; DTypeError unless they are float32 or float64; UnsupportedError on devices whose
 * memory the host cannot reach.
 * @example cholesky(tensor([[4, 2], [2, 5]])) // [[2, 0], [1, 2]]
 */
export const cholesky = (a: Tensor): Tensor => {
  requireSquare("cholesky", a);
  return a.derive(choleskyPrimitive, [a], undefined);
};
