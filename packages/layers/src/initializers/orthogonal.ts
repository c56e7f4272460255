import type { Shape, Tensor } from "@gradloom/tensor";
import { diagonal, normal, qr } from "@gradloom/tensor";
import { fans } from "./fans.ts";
import type { XavierOptions } from "./scaled.ts";

/**
 * A random matrix [in, out] with orthonormal columns (rows where it is wide), times `gain`; a filter [...window, in, out] is taken as the
 * matrix [window * in, out] (Saxe et al., 2014).
 *
 * @throws ShapeError below rank 2; UnsupportedError on devices without `qr`.
 * @example orthogonal([256, 256])
 */
export const orthogonal = (shape: Shape, options: XavierOptions = {}): Tensor => {
  const rows = fans(shape, "orthogonal").fanIn;
  const columns = shape.at(-1) as number;
  const wide = rows < columns;
  const { q, r } = qr(normal(wide ? [columns, rows] : [rows, columns], options));
  // Signs of R's diagonal make the distribution uniform over all orthogonal matrices.
  const signs = diagonal(r).less(0).where(-1, 1).cast(q.dtype);
  const matrix = q.mul(signs).mul(options.gain ?? 1);
  return (wide ? matrix.transpose() : matrix).reshape(shape);
};
