import { ArgumentError, broadcastShapes, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import type { Address } from "./indexing.ts";
import { gatherPrimitive } from "./indexing.ts";
import type { Indices } from "./indices.ts";
import { asIndexTensor, resolveIndices } from "./indices.ts";

/** The addressing of whole slices along `axis`: indices of any shape take the place of the axis. */
export const sliceAddresses = (rank: number, axis: number, indexRank: number): Address[] =>
  Array.from({ length: rank }, (_, d): Address => {
    if (d === axis) return { index: 0 };
    return { dim: d < axis ? d : d - 1 + indexRank };
  });

/** Indices spread over the dimensions that whole slices keep. */
export const spreadIndices = (index: Tensor, shape: readonly number[], axis: number): Tensor =>
  index
    .reshape([...shape.slice(0, axis).map(() => 1), ...index.shape, ...shape.slice(axis + index.rank).map(() => 1)])
    .broadcastTo(shape);

/**
 * Slices of `x` along `axis` at `indices`, whose shape takes the place of the axis: an embedding lookup is `take(table, ids)`.
 * Negative indices count from the end. Numbers and lists are checked; an index in a tensor that is out of range reads NaN (0 for integers,
 * false for bool) and passes no gradient.
 *
 * @throws ShapeError for a number out of range; DTypeError when the indices are not integers.
 * @example take(tensor([[1, 2], [3, 4], [5, 6]]), [2, 0]) // [[5, 6], [1, 2]]
 */
export const take = (x: Tensor, indices: Indices, axis = 0): Tensor => takeAs("take", x, indices, axis);

const takeAs = (op: string, x: Tensor, indices: Indices, axis: number): Tensor => {
  const d = normalizeAxis(op, axis, x.rank);
  if (typeof indices === "number") {
    if (!Number.isInteger(indices)) throw new ArgumentError(op, `an index is a whole number, got ${indices}`);
    const n = x.shape[d] as number;
    if (indices < -n || indices >= n) {
      throw new ShapeError(
        op,
        `index ${indices} is out of range for axis ${d} of ${formatShape(x.shape)}`,
        `use ${-n} to ${n - 1}`,
      );
    }
    return x.slice([...x.shape.slice(0, d).map(() => null), indices]);
  }
  const { tensor: index, checked } = resolveIndices(op, x, indices, d);
  const shape = [...x.shape.slice(0, d), ...index.shape, ...x.shape.slice(d + 1)];
  const addresses = sliceAddresses(x.rank, d, index.rank);
  return x.derive(gatherPrimitive, [x, spreadIndices(index, shape, d)], { addresses, checked, shape });
};

/**
 * Slices of `x` along `axis` at a list of indices, as PyTorch's `index_select`.
 *
 * @throws ShapeError when the indices are not a list; otherwise as `take`.
 * @example indexSelect(tensor([[1, 2], [3, 4]]), 1, [1]) // [[2], [4]]
 */
export const indexSelect = (x: Tensor, axis: number, indices: Tensor | readonly number[]): Tensor => {
  if ("dtype" in indices && indices.rank !== 1) {
    throw new ShapeError("indexSelect", `indices are a list, got ${formatShape(indices.shape)}`, "use take");
  }
  return takeAs("indexSelect", x, indices, axis);
};

/**
 * Elements picked along one axis: `y[i, j, k] = x[i, indices[i, j, k], k]` for axis 1. The other dimensions of `x` and `indices` broadcast
 * (PyTorch's `take_along_dim`). Indices as in `take`.
 *
 * @throws ShapeError when the ranks differ or other dimensions do not broadcast; otherwise as `take`.
 * @example takeAlongAxis(tensor([[3, 1], [2, 4]]), tensor([[1], [0]], "int32"), 1) // [[1], [2]]
 */
export const takeAlongAxis = (x: Tensor, indices: Indices, axis = -1): Tensor => {
  const d = normalizeAxis("takeAlongAxis", axis, x.rank);
  const { tensor: index, checked } = resolveIndices("takeAlongAxis", x, indices, d);
  if (index.rank !== x.rank) {
    throw new ShapeError(
      "takeAlongAxis",
      `ranks differ, got ${formatShape(x.shape)} and indices ${formatShape(index.shape)}`,
      "use take",
    );
  }
  const flat = (shape: readonly number[]): number[] => shape.map((n, i) => (i === d ? 1 : n));
  const others = broadcastShapes("takeAlongAxis", flat(x.shape), flat(index.shape));
  const at = (n: number): number[] => others.map((m, i) => (i === d ? n : m));
  const shape = at(index.shape[d] as number);
  const source = x.broadcastTo(at(x.shape[d] as number));
  const addresses = shape.map((_, i): Address => (i === d ? { index: 0 } : { dim: i }));
  return x.derive(gatherPrimitive, [source, index.broadcastTo(shape)], { addresses, checked, shape });
};

/** The columns of an index tensor [..., k], each spread over the `shape` that slices at them have. */
export const indexColumns = (
  op: string,
  x: Tensor,
  indices: Tensor,
  shape: (lead: readonly number[], k: number) => readonly number[],
) => {
  const table = asIndexTensor(op, indices);
  if (table.rank === 0)
    throw new ShapeError(op, "indices need a last axis, one entry per indexed dimension, got rank 0");
  const k = table.shape[table.rank - 1] as number;
  if (k > x.rank) {
    throw new ShapeError(
      op,
      `indices of ${k} dimensions are too many, got ${formatShape(x.shape)} and ${formatShape(table.shape)}`,
    );
  }
  const lead = table.shape.slice(0, -1);
  const full = shape(lead, k);
  const columns = Array.from({ length: k }, (_, j) => spreadIndices(table.slice(["...", j]), full, 0));
  const addresses = x.shape.map((_, d): Address => (d < k ? { index: d } : { dim: d - k + lead.length }));
  return { columns, addresses, shape: full };
};

/**
 * Slices of `x` at index tuples: `y[...] = x[indices[..., 0], ..., indices[..., k-1]]`; the result has the shape
 * `[...indices.shape without its last axis, ...x.shape from axis k]`. Out-of-range indices as in `take`.
 *
 * @throws ShapeError when the tuples are longer than the rank; DTypeError when they are not integers.
 * @example gatherNd(tensor([[1, 2], [3, 4]]), tensor([[0, 1], [1, 0]], "int32")) // [2, 3]
 */
export const gatherNd = (x: Tensor, indices: Tensor): Tensor => {
  const { columns, addresses, shape } = indexColumns("gatherNd", x, indices, (lead, k) => [
    ...lead,
    ...x.shape.slice(k),
  ]);
  return x.derive(gatherPrimitive, [x, ...columns], { addresses, checked: false, shape });
};
