import { ArgumentError, DTypeError, formatShape, isInteger, ShapeError } from "@gradloom/backend";
import { tensor } from "../create.ts";
import type { Tensor } from "../tensor.ts";

type NestedIndices = readonly (number | NestedIndices)[];

/**
 * Positions along an axis: whole numbers, negative ones count from the end. Numbers and lists are checked at the call; the values of a
 * tensor are not known then.
 */
export type Indices = Tensor | number | NestedIndices;

/** Indices as an int32 tensor; `checked` when they are known to lie in range. */
export interface ResolvedIndices {
  readonly tensor: Tensor;
  readonly checked: boolean;
}

/** True for the element types that indices may have. */
const isIndexType = (x: Tensor): boolean => isInteger(x.dtype);

/** Positions in an int32 tensor; uint32 values that int32 cannot hold stay out of range. */
export const asIndexTensor = (op: string, indices: Tensor): Tensor => {
  if (!isIndexType(indices)) {
    throw new DTypeError(
      op,
      `indices are integers, got ${indices.dtype}`,
      'use cast("int32"), or maskedSelect for truth values',
    );
  }
  if (indices.dtype === "uint32") return indices.minimum(indices.constant(2 ** 31 - 1)).cast("int32");
  return indices.cast("int32");
};

/** int32 values from the host, on the device of `like`. */
export const indexTensor = (like: Tensor, values: ArrayLike<number>, shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(values), { shape, device: like.device });

/** The numbers of nested lists in row-major order, and their shape. */
const unnest = (op: string, list: number | NestedIndices): { values: number[]; shape: number[] } => {
  const shape: number[] = [];
  for (let level: number | NestedIndices = list; typeof level === "object"; level = level[0] ?? 0) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const values: number[] = [];
  const visit = (value: number | NestedIndices, d: number): void => {
    if (d === shape.length && typeof value === "number") {
      values.push(value);
      return;
    }
    if (typeof value !== "object" || value.length !== shape[d]) {
      throw new ShapeError(
        op,
        "lists of indices have one length per level",
        "pad them, or use one list after the other",
      );
    }
    for (const part of value) visit(part, d + 1);
  };
  visit(list, 0);
  return { values, shape };
};

/** Indices into the dimension `axis` of `x`, with lists checked against its size. */
export const resolveIndices = (op: string, x: Tensor, indices: Indices, axis: number): ResolvedIndices => {
  if (typeof indices === "object" && "dtype" in indices) {
    return { tensor: asIndexTensor(op, indices), checked: false };
  }
  const n = x.shape[axis] as number;
  const { values, shape } = unnest(op, indices);
  const positions = values.map((index) => {
    if (!Number.isInteger(index)) throw new ArgumentError(op, `an index is a whole number, got ${index}`);
    if (index < -n || index >= n) {
      throw new ShapeError(
        op,
        `index ${index} is out of range for axis ${axis} of ${formatShape(x.shape)}`,
        `use ${-n} to ${n - 1}`,
      );
    }
    return index < 0 ? index + n : index;
  });
  return { tensor: indexTensor(x, positions, shape), checked: true };
};
