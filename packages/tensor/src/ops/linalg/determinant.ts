import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { cofactors } from "./host/cofactors.ts";
import { determinant, signAndLog } from "./host/lu.ts";
import { hostPrimitive, requireSquare } from "./hostPrimitive.ts";
import { inv } from "./solve.ts";

/** One number for each matrix, as a matrix. */
const asMatrix = (x: Tensor): Tensor => x.reshape([...x.shape, 1, 1]);

/** C with det(A)' = C, exact for singular matrices too. With B = A^-T, C = det(A) B: dA = det(A) (<dC, B> B - B dC^T B). */
export const cofactorPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "cofactor",
  result: ([shape]) => shape as readonly number[],
  compute: cofactors,
  gradient: ({ inputs: [a] }, g) => {
    const b = inv(a as Tensor).transpose();
    const inner = asMatrix(g.mul(b).sum([-2, -1]));
    const outer = b.matmul(g.transpose()).matmul(b);
    return [asMatrix(det(a as Tensor)).mul(inner.mul(b).sub(outer))];
  },
});

export const detPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "det",
  result: () => [],
  compute: determinant,
  gradient: ({ inputs: [a] }, g) => [asMatrix(g).mul(g.derive(cofactorPrimitive, [a as Tensor], undefined))],
});

/** [sign, log|det|]. */
export const slogdetPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "slogdet",
  result: () => [2],
  compute: signAndLog,
  gradient: ({ inputs: [a] }, g) => [asMatrix(g.slice("..., 1")).mul(inv(a as Tensor).transpose())],
});

/**
 * The determinants [...] of square matrices [..., n, n]. The gradient holds for singular matrices too; the second derivative only for
 * others.
 *
 * @throws ShapeError unless the matrices are square; DTypeError unless they are float32 or float64; UnsupportedError as `cholesky`.
 * @example det(tensor([[1, 2], [3, 4]])) // -2
 */
export const det = (a: Tensor): Tensor => {
  requireSquare("det", a);
  return a.derive(detPrimitive, [a], undefined);
};

/**
 * The sign of the determinants of square matrices [..., n, n] and the logarithm of their size: `det = sign * exp(logAbs)`, for determinants that
 * floats cannot hold. Singular matrices give 0 and -Infinity, and no finite gradient.
 *
 * @throws As `det`.
 * @example slogdet(tensor([[1, 2], [3, 4]])) // { sign: -1, logAbs: 0.6931 }
 */
export const slogdet = (a: Tensor): { readonly sign: Tensor; readonly logAbs: Tensor } => {
  requireSquare("slogdet", a);
  const both = a.derive(slogdetPrimitive, [a], undefined);
  return { sign: both.slice("..., 0"), logAbs: both.slice("..., 1") };
};
