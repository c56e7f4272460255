import { DTypeError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { take } from "./gather.ts";
import { indexTensor } from "./indices.ts";
import type { TensorLike } from "./operands.ts";
import { requireHeld } from "./operands.ts";

const requireMask = (op: string, x: Tensor, mask: Tensor): void => {
  if (mask.dtype !== "bool")
    throw new DTypeError(op, `a mask is bool, got ${mask.dtype}`, 'compare, or use cast("bool")');
  const lead = x.rank - mask.rank;
  if (lead < 0 || mask.shape.some((n, d) => n !== 1 && n !== x.shape[d + lead])) {
    throw new ShapeError(
      op,
      `the mask does not broadcast to the values, got ${formatShape(mask.shape)} and ${formatShape(x.shape)}`,
    );
  }
};

/**
 * `x` with `value` where `mask` is true; the mask broadcasts to the shape of `x`.
 *
 * @throws DTypeError when the mask is not bool; ShapeError when it does not broadcast to `x`; a number that the element type
 * cannot hold is a DTypeError too.
 * @example maskedFill(tensor([1, 2]), tensor([true, false]), 0) // [0, 2]
 */
export const maskedFill = (x: Tensor, mask: Tensor, value: TensorLike): Tensor => {
  requireMask("maskedFill", x, mask);
  if (typeof value === "number") requireHeld("maskedFill", value, x.dtype);
  const filler = typeof value === "object" ? value.cast(x.dtype) : x.scalar(Number(value));
  return mask.broadcastTo(x.shape).where(filler.broadcastTo(x.shape), x);
};

/** Row-major positions of the elements that are not 0. */
const positionsOf = async (x: Tensor): Promise<number[]> => {
  const values = await x.cast("bool").data();
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) places.push(i);
  return places;
};

/**
 * The elements of `x` where `mask` is true, as a list in row-major order. Evaluates the mask, because the result's size depends on it;
 * the elements themselves stay lazy and have a gradient.
 *
 * @throws DTypeError when the mask is not bool; ShapeError when it does not broadcast to `x`.
 * @example await maskedSelect(tensor([1, 2, 3]), tensor([true, false, true])) // [1, 3]
 */
export const maskedSelect = async (x: Tensor, mask: Tensor): Promise<Tensor> => {
  requireMask("maskedSelect", x, mask);
  const places = await positionsOf(mask.broadcastTo(x.shape));
  return take(x.flatten(), places);
};

/**
 * Positions of the elements that are not 0, one row of `rank` indices (int32) each, in row-major order. Evaluates `x`, because the
 * result's size depends on it.
 *
 * @example await nonzero(tensor([[0, 5], [7, 0]])) // [[0, 1], [1, 0]]
 */
export const nonzero = async (x: Tensor): Promise<Tensor> => {
  const places = await positionsOf(x);
  const result = new Int32Array(places.length * x.rank);
  places.forEach((place, row) => {
    let rest = place;
    for (let d = x.rank - 1; d >= 0; d--) {
      const n = x.shape[d] as number;
      result[row * x.rank + d] = rest % n;
      rest = Math.floor(rest / n);
    }
  });
  return indexTensor(x, result, [places.length, x.rank]);
};
