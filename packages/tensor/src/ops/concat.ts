import { formatShape, normalizeAxis, ShapeError, sameShape } from "@gradloom/backend";
import { positions } from "../graph/leaves.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { promoteTypes } from "./promotion.ts";
import { unsqueeze } from "./slice.ts";

/**
 * Joins parts that are already padded to the result's shape, so that it fuses: input 0 is the position along the axis, part `i` ends
 * before `ends[i]`. Padding's own gradient takes each part's share of `g`.
 */
export const joinPrimitive = definePrimitive<{ readonly ends: readonly number[] }>({
  name: "concat",
  infer: (inputs) => inputs[1] as Tensor,
  lower: {
    kind: "map",
    expression: (e, [position, ...parts], { ends }) => {
      let result = parts[parts.length - 1] as number;
      for (let i = parts.length - 2; i >= 0; i--) {
        const before = e.compare("lt", position as number, e.constant("int32", ends[i] as number));
        result = e.select(before, parts[i] as number, result);
      }
      return result;
    },
  },
  gradient: ({ inputs }, g) => inputs.map((_, i) => (i === 0 ? undefined : g)),
});

/** Most parts that one joint takes, within the 8 buffers that every WebGPU device binds; longer lists are joined in groups. */
const mostParts = 6;

/** Joins at most `mostParts` parts of one type along `axis`. */
const join = (parts: readonly Tensor[], axis: number): Tensor => {
  const [first] = parts as [Tensor];
  if (parts.length === 1) return first;
  const ends: number[] = [];
  for (const part of parts) ends.push((ends[ends.length - 1] ?? 0) + (part.shape[axis] as number));
  const total = ends[ends.length - 1] as number;
  const shape = first.shape.map((n, d) => (d === axis ? total : n));
  const padded = parts.map((part, i) =>
    part.zeroPad(
      shape.map((_, d) => (d === axis ? (ends[i] as number) - (part.shape[axis] as number) : 0)),
      shape.map((_, d) => (d === axis ? total - (ends[i] as number) : 0)),
    ),
  );
  const position = first
    .derive(positions, [], { shape: [total], dtype: "int32" })
    .reshape(shape.map((n, d) => (d === axis ? n : 1)))
    .broadcastTo(shape);
  return first.derive(joinPrimitive, [position, ...padded], { ends });
};

/**
 * Joins tensors along `axis`; their other sizes must be equal, their element types are promoted.
 *
 * @throws ShapeError when the list is empty, a tensor has rank 0, or other sizes differ.
 * @example concat([tensor([1, 2]), tensor([3])]) // [1, 2, 3]
 */
export const concat = (tensors: readonly Tensor[], axis = 0): Tensor => {
  const [first] = tensors;
  if (first === undefined) throw new ShapeError("concat", "needs at least one tensor, got an empty list");
  if (first.rank === 0) throw new ShapeError("concat", "tensors of rank 0 have no axis to join", "use stack");
  const d = normalizeAxis("concat", axis, first.rank);
  let dtype = first.dtype;
  for (const x of tensors) {
    if (x.rank !== first.rank || x.shape.some((n, i) => i !== d && n !== first.shape[i])) {
      throw new ShapeError(
        "concat",
        `sizes beside axis ${d} differ, got ${formatShape(first.shape)} and ${formatShape(x.shape)}`,
        "reshape or slice the tensors first",
      );
    }
    dtype = promoteTypes(dtype, x.dtype);
  }
  let parts = tensors.filter((x) => x.shape[d] !== 0).map((x) => x.cast(dtype));
  if (parts.length === 0) return first.cast(dtype);
  while (parts.length > 1) {
    const groups: Tensor[] = [];
    for (let i = 0; i < parts.length; i += mostParts) groups.push(join(parts.slice(i, i + mostParts), d));
    parts = groups;
  }
  return parts[0] as Tensor;
};

/**
 * Joins tensors of one shape along a new axis, which becomes axis `axis` of the result.
 *
 * @throws ShapeError when the list is empty or the shapes differ.
 * @example stack([tensor([1, 2]), tensor([3, 4])]) // [[1, 2], [3, 4]]
 */
export const stack = (tensors: readonly Tensor[], axis = 0): Tensor => {
  const [first] = tensors;
  if (first === undefined) throw new ShapeError("stack", "needs at least one tensor, got an empty list");
  for (const x of tensors) {
    if (!sameShape(x.shape, first.shape)) {
      throw new ShapeError("stack", `shapes differ, got ${formatShape(first.shape)} and ${formatShape(x.shape)}`);
    }
  }
  const d = normalizeAxis("stack", axis, first.rank + 1);
  return concat(
    tensors.map((x) => unsqueeze(x, d)),
    d,
  );
};
