import { ArgumentError, DTypeError, formatShape, normalizeAxis, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { indexColumns, sliceAddresses, spreadIndices } from "./gather.ts";
import type { Address, ScatterMode } from "./indexing.ts";
import { scatterPrimitive } from "./indexing.ts";
import type { Indices } from "./indices.ts";
import { resolveIndices } from "./indices.ts";
import type { TensorLike } from "./operands.ts";
import { requireHeld } from "./operands.ts";

const modes: readonly ScatterMode[] = ["set", "add", "mul", "max", "min"];

export interface ScatterOptions {
  /** The axis that the indices address. */
  readonly axis?: number;
  /** How an update meets what is there: "set" (the default, the last one wins), "add", "mul", "max" or "min". */
  readonly mode?: ScatterMode;
}

/** Updates as a tensor of the type of `x`, repeated to `shape`. */
const spreadUpdates = (
  op: string,
  x: Tensor,
  updates: TensorLike,
  shape: readonly number[],
  mode: ScatterMode,
): Tensor => {
  if (!modes.includes(mode)) throw new ArgumentError(op, `unknown mode "${mode}"`, `use ${modes.join(", ")}`);
  if (x.dtype === "bool" && mode !== "set") {
    throw new DTypeError(op, `mode "${mode}" is for numbers, got bool`, 'use cast("int32") first');
  }
  if (typeof updates === "number") requireHeld(op, updates, x.dtype);
  if (typeof updates !== "object") return x.scalar(Number(updates)).broadcastTo(shape);
  const lead = shape.length - updates.rank;
  if (lead < 0 || updates.shape.some((n, d) => n !== 1 && n !== shape[d + lead])) {
    throw new ShapeError(op, `updates do not fit the places ${formatShape(shape)}, got ${formatShape(updates.shape)}`);
  }
  return updates.cast(x.dtype).broadcastTo(shape);
};

/**
 * `x` with updates folded into its slices along `axis` at `indices`: the counterpart of `take`. Updates have the shape that
 * `take(x, indices, axis)` gives, or one that broadcasts to it. Repeated indices meet in row-major order. Negative indices count from
 * the end; numbers and lists are checked, an index in a tensor that is out of range is dropped.
 *
 * @throws ShapeError when the updates do not fit or a number is out of range; DTypeError when the indices are not integers.
 * @example scatter(zeros([3]), [0, 0, 2], tensor([1, 2, 3]), { mode: "add" }) // [3, 0, 3]
 */
export const scatter = (x: Tensor, indices: Indices, updates: TensorLike, options: ScatterOptions = {}): Tensor => {
  const { axis = 0, mode = "set" } = options;
  const d = normalizeAxis("scatter", axis, x.rank);
  const { tensor: index, checked } = resolveIndices("scatter", x, indices, d);
  const shape = [...x.shape.slice(0, d), ...index.shape, ...x.shape.slice(d + 1)];
  const values = spreadUpdates("scatter", x, updates, shape, mode);
  const addresses = sliceAddresses(x.rank, d, index.rank);
  return x.derive(scatterPrimitive, [x, values, spreadIndices(index, shape, d)], { addresses, checked, mode });
};

/**
 * `x` with single elements folded in along `axis`: `y[i, indices[i, j, k], k]` meets `updates[i, j, k]` for axis 1, as PyTorch's `scatter`
 * and `scatter_reduce`. The indices may be smaller than `x` in other dimensions; updates broadcast to them. Indices as in `scatter`.
 *
 * @throws ShapeError when ranks differ, indices are larger than `x` beside the axis, or updates do not fit.
 * @example scatterAlongAxis(zeros([2, 3]), tensor([[2], [0]], "int32"), 1, { axis: 1 }) // [[0, 0, 1], [1, 0, 0]]
 */
export const scatterAlongAxis = (
  x: Tensor,
  indices: Indices,
  updates: TensorLike,
  options: ScatterOptions = {},
): Tensor => {
  const { axis = -1, mode = "set" } = options;
  const d = normalizeAxis("scatterAlongAxis", axis, x.rank);
  const { tensor: index, checked } = resolveIndices("scatterAlongAxis", x, indices, d);
  if (index.rank !== x.rank || index.shape.some((n, i) => i !== d && n > (x.shape[i] as number))) {
    throw new ShapeError(
      "scatterAlongAxis",
      `indices do not fit beside axis ${d}, got ${formatShape(x.shape)} and ${formatShape(index.shape)}`,
      "use scatter for whole slices",
    );
  }
  const values = spreadUpdates("scatterAlongAxis", x, updates, index.shape, mode);
  const addresses = x.shape.map((_, i): Address => (i === d ? { index: 0 } : { dim: i }));
  return x.derive(scatterPrimitive, [x, values, index], { addresses, checked, mode });
};

/**
 * `x` with slices folded in at index tuples [..., k]: the counterpart of `gatherNd`. Updates have the shape
 * `[...indices.shape without its last axis, ...x.shape from axis k]`, or one that broadcasts to it.
 *
 * @throws ShapeError when the tuples are longer than the rank or the updates do not fit.
 * @example scatterNd(zeros([2, 2]), tensor([[0, 1]], "int32"), 5) // [[0, 5], [0, 0]]
 */
export const scatterNd = (x: Tensor, indices: Tensor, updates: TensorLike, mode: ScatterMode = "set"): Tensor => {
  const { columns, addresses, shape } = indexColumns("scatterNd", x, indices, (lead, k) => [
    ...lead,
    ...x.shape.slice(k),
  ]);
  const values = spreadUpdates("scatterNd", x, updates, shape, mode);
  return x.derive(scatterPrimitive, [x, values, ...columns], { addresses, checked: false, mode });
};
