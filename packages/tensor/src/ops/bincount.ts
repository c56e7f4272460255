import { ArgumentError, DTypeError, formatShape, isInteger, ShapeError, sameShape } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { asIndexTensor } from "./indices.ts";
import { scatter } from "./scatter.ts";

/**
 * How often each of 0, 1, ..., `length - 1` occurs in `x` (int32), or the sum of `weights` there. The length is given, so that nothing must
 * be evaluated; values outside are not counted.
 *
 * @throws DTypeError when `x` is not of integers; ShapeError when the weights have another shape.
 * @example bincount(tensor([0, 1, 1, 3], "int32"), 4) // [1, 2, 0, 1]
 */
export const bincount = (x: Tensor, length: number, weights?: Tensor): Tensor => {
  if (!isInteger(x.dtype)) throw new DTypeError("bincount", `counts integers, got ${x.dtype}`, 'use cast("int32")');
  if (!Number.isInteger(length) || length < 0) {
    throw new ArgumentError("bincount", `the length is a whole number >= 0, got ${length}`);
  }
  if (weights !== undefined && !sameShape(weights.shape, x.shape)) {
    throw new ShapeError(
      "bincount",
      `needs one weight per value, got ${formatShape(x.shape)} and ${formatShape(weights.shape)}`,
    );
  }
  const index = asIndexTensor("bincount", x.flatten());
  // A negative index would count from the end.
  const places = index.less(index.constant(0)).where(index.constant(length), index);
  const updates = weights?.flatten() ?? index.constant(1);
  return scatter(updates.constant(0).broadcastTo([length]), places, updates, { mode: "add" });
};
