import { formatShape, ShapeError, sameShape } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import type { Address } from "./indexing.ts";
import { gatherPrimitive } from "./indexing.ts";
import type { TensorLike } from "./operands.ts";
import { promoteTypes } from "./promotion.ts";

export interface SearchOptions {
  /** Where equal elements are met: before the first of them (the default), or behind the last ("right"). */
  readonly side?: "left" | "right";
}

/** `a < b` where NaN is the largest number. */
const below = (a: Tensor, b: Tensor): Tensor => a.less(b).logicalOr(b.isNaN().logicalAnd(a.isNaN().logicalNot()));

/**
 * Where each value belongs in a sorted list: the number of elements that are less than it (side "left"), or not greater ("right"), as
 * int32. `sorted` is one list for all values, or [..., n] with one list for each row of values [..., m]. NaN is the largest number.
 *
 * @throws ShapeError when the leading dimensions differ.
 * @example searchsorted(tensor([1, 3, 5]), tensor([0, 3, 9])) // [0, 1, 3]
 */
export const searchsorted = (sorted: Tensor, values: TensorLike, options: SearchOptions = {}): Tensor => {
  const given = typeof values === "object" ? values : sorted.scalar(Number(values));
  const lead = sorted.shape.slice(0, -1);
  const fits = sorted.rank === 1 || (given.rank === sorted.rank && sameShape(lead, given.shape.slice(0, -1)));
  if (sorted.rank === 0 || !fits) {
    throw new ShapeError(
      "searchsorted",
      `leading dimensions differ, got ${formatShape(sorted.shape)} and ${formatShape(given.shape)}`,
      "give one sorted list, or one per row of values",
    );
  }
  const dtype = promoteTypes(sorted.dtype, given.dtype);
  const list = sorted.cast(dtype);
  const wanted = given.cast(dtype);
  const n = sorted.shape[sorted.rank - 1] as number;
  const { shape } = wanted;
  const addresses: Address[] =
    sorted.rank === 1
      ? [{ index: 0 }]
      : shape.map((_, d): Address => (d === shape.length - 1 ? { index: 0 } : { dim: d }));

  // Bisection: `count` elements are known to lie before the value; try to add `step` more, from the largest power of 2 down.
  let count = wanted.constant(0, "int32").broadcastTo(shape);
  let step = 1;
  while (step * 2 <= n) step *= 2;
  for (; n > 0 && step >= 1; step /= 2) {
    const next = count.add(count.constant(step));
    const probe = next.minimum(next.constant(n)).sub(next.constant(1));
    const element = list.derive(gatherPrimitive, [list, probe], { addresses, checked: true, shape });
    const before = options.side === "right" ? below(wanted, element).logicalNot() : below(element, wanted);
    count = before.logicalAnd(next.lessEqual(next.constant(n))).where(next, count);
  }
  return count;
};
