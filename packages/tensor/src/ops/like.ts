import type { DType } from "@gradloom/backend";
import { checkShape, DTypeError, dtypes, formatShape, isDType, ShapeError } from "@gradloom/backend";
import { positions } from "../graph/leaves.ts";
import type { Tensor } from "../tensor.ts";
import { requireType } from "./operands.ts";
import { where } from "./where.ts";

const filled = (op: string, x: Tensor, value: number | boolean, dtype: DType, fixed: boolean): Tensor => {
  if (!isDType(dtype)) {
    throw new DTypeError(op, `unknown element type ${String(dtype)}`, `use one of ${dtypes.join(", ")}`);
  }
  const one = fixed ? x.constant(Number(value), dtype) : x.scalar(Number(value), dtype);
  return one.broadcastTo(x.shape);
};

/** Zeros of the shape, the element type (unless `dtype` says otherwise) and the device of `x`. */
export const zerosLike = (x: Tensor, dtype: DType = x.dtype): Tensor => filled("zerosLike", x, 0, dtype, true);

/** Ones of the shape, the element type (unless `dtype` says otherwise) and the device of `x`. */
export const onesLike = (x: Tensor, dtype: DType = x.dtype): Tensor => filled("onesLike", x, 1, dtype, true);

/** One value, repeated to the shape, with the element type (unless `dtype` says otherwise) and the device of `x`. */
export const fullLike = (x: Tensor, value: number | boolean, dtype: DType = x.dtype): Tensor =>
  filled("fullLike", x, value, dtype, false);

/** 0, 1, ..., n - 1 as int32 on the device of `x`. */
const count = (x: Tensor, n: number): Tensor => x.derive(positions, [], { shape: [n], dtype: "int32" });

/** Column less row, for each element of the matrices of `x`. */
const diagonalOf = (op: string, x: Tensor): Tensor => {
  if (x.rank < 2) throw new ShapeError(op, `takes matrices, got ${formatShape(x.shape)}`);
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  return count(x, columns).sub(count(x, rows).reshape([rows, 1]));
};

/**
 * The lower triangles of the matrices in the last two dimensions, 0 above diagonal `k` (0 is the main one, 1 the one above).
 *
 * @throws ShapeError for rank 0 and 1.
 * @example tril(tensor([[1, 2], [3, 4]])) // [[1, 0], [3, 4]]
 */
export const tril = (x: Tensor, k = 0): Tensor => where(diagonalOf("tril", x).lessEqual(k), x, x.constant(0));

/**
 * The upper triangles of the matrices in the last two dimensions, 0 below diagonal `k`.
 *
 * @throws ShapeError for rank 0 and 1.
 * @example triu(tensor([[1, 2], [3, 4]])) // [[1, 2], [0, 4]]
 */
export const triu = (x: Tensor, k = 0): Tensor => where(diagonalOf("triu", x).greaterEqual(k), x, x.constant(0));

/**
 * 1 at the position that each label names along a new last dimension of size `classes`, 0 elsewhere; a label out of range gives
 * only zeros. float32 unless `dtype` says otherwise.
 *
 * @throws DTypeError for labels that are not integers; ShapeError for a number of classes that is not a whole number >= 0.
 * @example oneHot(tensor([0, 2], { dtype: "int32" }), 3) // [[1, 0, 0], [0, 0, 1]]
 */
export const oneHot = (labels: Tensor, classes: number, dtype: DType = "float32"): Tensor => {
  requireType("oneHot", labels, (type) => type !== "bool" && !type.includes("float"), "integers");
  checkShape("oneHot", [...labels.shape, classes]);
  const wide = labels.dtype === "uint32" ? labels : labels.cast("int32");
  return wide.unsqueeze(-1).equal(count(labels, classes).cast(wide.dtype)).cast(dtype);
};
