import type { DType, Shape } from "@gradloom/backend";
import { broadcastShapes, DTypeError, formatShape, isFloat, ShapeError, sizeOf } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastTo, reshape } from "./movement.ts";
import { promoteTypes } from "./promotion.ts";
import { transpose } from "./slice.ts";

/** [...batch, m, k] times [...batch, k, n] of one element type and one batch. Integers add up in int32, float16 and bfloat16 in float32. */
export const matmulPrimitive: Primitive<undefined> = definePrimitive({
  name: "matmul",
  infer: (inputs) => {
    const [a, b] = inputs as [Tensor, Tensor];
    return {
      shape: [...a.shape.slice(0, -1), b.shape[b.rank - 1] as number],
      dtype: isFloat(a.dtype) ? a.dtype : "int32",
    };
  },
  lower: { kind: "kernel", fuses: true, template: () => ({ kind: "matmul" }) },
  gradient: ({ inputs }, g) => {
    const [a, b] = inputs as [Tensor, Tensor];
    return [
      g.derive(matmulPrimitive, [g, transpose(b)], undefined),
      g.derive(matmulPrimitive, [transpose(a), g], undefined),
    ];
  },
});

/** The element type in which both factors are multiplied. */
const commonType = (a: Tensor, b: Tensor): DType => {
  if (a.dtype === "bool" || b.dtype === "bool") {
    throw new DTypeError("matmul", `takes numbers, got ${a.dtype} and ${b.dtype}`, "use cast(...) first");
  }
  return promoteTypes(a.dtype, b.dtype);
};

const requireInner = (a: Tensor, b: Tensor): void => {
  if (a.rank === 0 || b.rank === 0) {
    throw new ShapeError(
      "matmul",
      `needs at least rank 1, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "use mul for numbers",
    );
  }
  const k = a.shape[a.rank - 1];
  const other = b.shape[Math.max(0, b.rank - 2)];
  if (k !== other) {
    throw new ShapeError(
      "matmul",
      `the inner sizes ${k} and ${other} differ, got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      "the last axis of the first must match the last but one of the second",
    );
  }
};

/** The product of two tensors of rank >= 2. */
const product = (a: Tensor, b: Tensor): Tensor => {
  const k = a.shape[a.rank - 1] as number;
  const n = b.shape[b.rank - 1] as number;
  const rows = a.shape.slice(0, -1);
  const batchA: Shape = a.shape.slice(0, -2);
  const batchB: Shape = b.shape.slice(0, -2);
  const batch = broadcastShapes("matmul", batchA, batchB);
  if (sizeOf(batchB) === 1) {
    // One matrix for the whole batch: the rows of all batch elements form one matrix, in the gradient too.
    const flat = a.derive(matmulPrimitive, [reshape(a, [sizeOf(rows), k]), reshape(b, [k, n])], undefined);
    return reshape(flat, [...batch, rows[rows.length - 1] as number, n]);
  }
  const left = broadcastTo(a, [...batch, ...a.shape.slice(-2)]);
  const right = broadcastTo(b, [...batch, ...b.shape.slice(-2)]);
  return a.derive(matmulPrimitive, [left, right], undefined);
};

/**
 * Matrix product `y[..., i, j] = sum_k a[..., i, k] b[..., k, j]` by NumPy's rule: leading dimensions broadcast as batches, a rank-1
 * factor is a row on the left and a column on the right. Integers give int32; float16 and bfloat16 add up in float32.
 *
 * @throws ShapeError when the inner sizes differ or the batches do not broadcast; DTypeError for bool.
 * @example matmul(zeros([8, 3, 4]), zeros([4, 5])).shape // [8, 3, 5]
 */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  const dtype = commonType(a, b);
  requireInner(a, b);
  // Two's complement products are the same bits, so uint32 goes through int32.
  const inner = dtype === "uint32" ? "int32" : dtype;
  const x = a.cast(inner);
  const y = b.cast(inner);
  const left = x.rank === 1 ? reshape(x, [1, ...x.shape]) : x;
  const right = y.rank === 1 ? reshape(y, [...y.shape, 1]) : y;
  const z = product(left, right);
  const shape = z.shape.filter((_, d) => !(a.rank === 1 && d === z.rank - 2) && !(b.rank === 1 && d === z.rank - 1));
  const result = reshape(z, shape);
  return dtype === "uint32" ? result.cast("uint32") : result;
};
