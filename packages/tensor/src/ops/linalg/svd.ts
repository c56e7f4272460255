import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { inverseDifferences } from "./eigh.ts";
import { singularValues } from "./host/jacobi.ts";
import { hostPrimitive, requireMatrix } from "./hostPrimitive.ts";
import { unpack } from "./packed.ts";
import { identity } from "./solve.ts";

const parts = (packed: Tensor, m: number, n: number): [Tensor, Tensor, Tensor] =>
  unpack(packed, [[m, n], [n], [n, n]]) as [Tensor, Tensor, Tensor];

/**
 * U, s and V^T of A [m, n] with m >= n. With F_ij = 1 / (s_j^2 - s_i^2) (Townsend, 2016):
 * dA = U ((F * (U^T dU - dU^T U)) S + S (F * (V^T dV - dV^T V)) + dS) V^T + (I - U U^T) dU S^-1 V^T.
 */
export const svdPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "svd",
  result: ([shape]) => {
    const [m, n] = shape as readonly [number, number];
    return [m * n + n + n * n];
  },
  compute: singularValues,
  gradient: (node, packed) => {
    const [m, n] = (node.inputs[0] as Tensor).shape.slice(-2) as [number, number];
    const [u, s, vt] = parts(node, m, n);
    const [du, ds, dvt] = parts(packed, m, n);
    const f = inverseDifferences(s.square());
    const skew = (x: Tensor): Tensor => f.mul(x.sub(x.transpose()));
    const columns = s.unsqueeze(-2);
    const left = skew(u.transpose().matmul(du)).mul(columns);
    const right = s.unsqueeze(-1).mul(skew(vt.matmul(dvt.transpose())));
    const inner = left.add(right).add(identity(s, n).mul(ds.unsqueeze(-2)));
    const da = u.matmul(inner).matmul(vt);
    if (m === n) return [da];
    const zero = columns.equal(columns.constant(0));
    const inverse = zero.where(columns.constant(0), zero.where(columns.constant(1), columns).reciprocal());
    const outside = du.sub(u.matmul(u.transpose().matmul(du)));
    return [da.add(outside.mul(inverse).matmul(vt))];
  },
});

/** The factors of `A = U diag(s) V^T`. */
export interface Svd {
  /** [..., m, k], columns of length 1. */
  readonly u: Tensor;
  /** [..., k], descending. */
  readonly s: Tensor;
  /** V transposed: [..., k, n], rows of length 1. */
  readonly vt: Tensor;
}

/**
 * The singular value decomposition `A = U diag(s) V^T` of matrices [..., m, n], k = min(m, n), by Jacobi rotations; the signs of the vectors
 * are not defined. The gradient of the values always holds, that of the vectors for distinct values other than 0.
 *
 * @throws ShapeError for rank 0 and 1; DTypeError unless the matrices are float32 or float64; UnsupportedError as `cholesky`.
 * @example svd(tensor([[3, 0], [0, 4]])).s // [4, 3]
 */
export const svd = (a: Tensor): Svd => {
  requireMatrix("svd", a);
  const [m, n] = a.shape.slice(-2) as [number, number];
  if (m < n) {
    const { u, s, vt } = svd(a.transpose());
    return { u: vt.transpose(), s, vt: u.transpose() };
  }
  const [u, s, vt] = parts(a.derive(svdPrimitive, [a], undefined), m, n);
  return { u, s, vt };
};
