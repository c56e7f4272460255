import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { symmetricEigen } from "./host/symmetric.ts";
import { hostPrimitive, requireSquare } from "./hostPrimitive.ts";
import { unpack } from "./packed.ts";
import { identity } from "./solve.ts";

const parts = (packed: Tensor, n: number): [Tensor, Tensor] => unpack(packed, [[n], [n, n]]) as [Tensor, Tensor];

/** `1 / (w_j - w_i)`, 0 where they are equal. */
export const inverseDifferences = (w: Tensor): Tensor => {
  const difference = w.unsqueeze(-2).sub(w.unsqueeze(-1));
  const same = difference.equal(difference.constant(0));
  return same.where(difference.constant(0), same.where(difference.constant(1), difference).reciprocal());
};

/** dA = V (diag(dw) + F * (V^T dV)) V^T with F_ij = 1 / (w_j - w_i), made symmetric (Giles, 2008). */
export const eighPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "eigh",
  result: ([shape]) => {
    const [n] = shape as readonly [number];
    return [n + n * n];
  },
  compute: symmetricEigen,
  gradient: (node, packed) => {
    const n = (node.inputs[0] as Tensor).shape.at(-1) as number;
    const [w, v] = parts(node, n);
    const [dw, dv] = parts(packed, n);
    const turned = inverseDifferences(w).mul(v.transpose().matmul(dv));
    const inner = identity(w, n).mul(dw.unsqueeze(-2)).add(turned);
    const da = v.matmul(inner).matmul(v.transpose());
    return [da.add(da.transpose()).mul(da.constant(0.5))];
  },
});

/**
 * Eigenvalues [..., n] in ascending order and eigenvectors [..., n, n] (as columns, of length 1, of either sign) of symmetric matrices, of which
 * the lower half is read. The gradient is symmetric; that of the vectors holds for distinct eigenvalues.
 *
 * @throws ShapeError unless the matrices are square; DTypeError unless they are float32 or float64; UnsupportedError as `cholesky`.
 * @example eigh(tensor([[2, 1], [1, 2]])).values // [1, 3]
 */
export const eigh = (a: Tensor): { readonly values: Tensor; readonly vectors: Tensor } => {
  requireSquare("eigh", a);
  const [values, vectors] = parts(a.derive(eighPrimitive, [a], undefined), a.shape[a.rank - 1] as number);
  return { values, vectors };
};
