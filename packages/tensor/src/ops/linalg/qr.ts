import type { Primitive } from "../../graph/primitive.ts";
import type { Tensor } from "../../tensor.ts";
import { concat } from "../concat.ts";
import { tril } from "../like.ts";
import { householder } from "./host/qr.ts";
import { hostPrimitive, requireMatrix } from "./hostPrimitive.ts";
import { unpack } from "./packed.ts";
import { triangularSolve } from "./triangularSolve.ts";

const parts = (packed: Tensor, m: number, n: number): [Tensor, Tensor] =>
  unpack(packed, [
    [m, n],
    [n, n],
  ]) as [Tensor, Tensor];

/**
 * Q and R of A [m, n] with m >= n. With M = R dR^T - dQ^T Q and S its lower half mirrored upwards, dA = (dQ + Q S) R^-T (Walter and Lehmann,
 * 2018).
 */
export const qrPrimitive: Primitive<undefined> = hostPrimitive<undefined>({
  name: "qr",
  result: ([shape]) => {
    const [m, n] = shape as readonly [number, number];
    return [m * n + n * n];
  },
  compute: householder,
  gradient: (node, packed) => {
    const [m, n] = (node.inputs[0] as Tensor).shape.slice(-2) as [number, number];
    const [q, r] = parts(node, m, n);
    const [dq, dr] = parts(packed, m, n);
    const inner = r.matmul(dr.transpose()).sub(dq.transpose().matmul(q));
    const mirrored = tril(inner).add(tril(inner, -1).transpose());
    const right = dq.add(q.matmul(mirrored));
    // X = right R^-T means R X^T = right^T.
    return [triangularSolve(r, right.transpose(), { lower: false }).transpose()];
  },
});

/**
 * Q [..., m, k] with orthonormal columns and upper triangular R [..., k, n] with `A = Q R`, k = min(m, n), of matrices [..., m, n]. The
 * diagonal of R has LAPACK's signs. The gradient needs the first k columns to be independent.
 *
 * @throws ShapeError for rank 0 and 1; DTypeError unless the matrices are float32 or float64; UnsupportedError as `cholesky`.
 * @example qr(tensor([[3, 1], [4, 2]])).r // [[-5, -2.2], [0, 0.4]]
 */
export const qr = (a: Tensor): { readonly q: Tensor; readonly r: Tensor } => {
  requireMatrix("qr", a);
  const [m, n] = a.shape.slice(-2) as [number, number];
  if (m >= n) {
    const [q, r] = parts(a.derive(qrPrimitive, [a], undefined), m, n);
    return { q, r };
  }
  // The first m columns have the same Q; it brings the others along.
  const { q, r } = qr(a.slice(["...", { stop: m }]));
  return { q, r: concat([r, q.transpose().matmul(a.slice(["...", { start: m }]))], -1) };
};
