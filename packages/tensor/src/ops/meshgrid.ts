import { ArgumentError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";

/**
 * Coordinates of the grid that lists span: result `i` holds the element of list `i` at each grid point. With indexing "ij" (the default)
 * dimension `i` belongs to list `i`; with "xy" the first two are swapped, as for images.
 *
 * @throws ShapeError when an input is not a list or a number.
 * @example meshgrid([tensor([1, 2]), tensor([3, 4, 5])])[0].shape // [2, 3]
 */
export const meshgrid = (lists: readonly Tensor[], indexing: "ij" | "xy" = "ij"): Tensor[] => {
  if (indexing !== "ij" && indexing !== "xy") {
    throw new ArgumentError("meshgrid", `unknown indexing "${String(indexing)}"`, 'use "ij" or "xy"');
  }
  for (const x of lists) {
    if (x.rank > 1) throw new ShapeError("meshgrid", `takes lists, got ${formatShape(x.shape)}`, "flatten it first");
  }
  const swap = indexing === "xy" && lists.length > 1;
  const axisOf = (i: number): number => (swap && i < 2 ? 1 - i : i);
  const shape = new Array<number>(lists.length);
  lists.forEach((x, i) => {
    shape[axisOf(i)] = x.size;
  });
  return lists.map((x, i) => x.reshape(shape.map((_, d) => (d === axisOf(i) ? x.size : 1))).broadcastTo(shape));
};
