import type { DType, Shape } from "@gradloom/backend";
import { ArgumentError, broadcastShapes, DTypeError, isFloat, roundTo, sameShape } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { promoteTypes } from "./promotion.ts";

/** Where an operation takes a tensor, it takes a number or a truth value too. A number is an argument of kernels: changing it compiles nothing. */
export type TensorLike = Tensor | number | boolean;

/** The element type that a plain number takes beside a tensor of type `dtype`: the tensor's own where it can hold the number's kind. */
export const typeBeside = (value: number | boolean, dtype: DType): DType => {
  if (typeof value === "boolean" || isFloat(dtype)) return dtype;
  if (!Number.isInteger(value)) return "float32";
  return dtype === "bool" ? "int32" : dtype;
};

/** The first tensor among the operands of `op`. */
export const someTensor = (op: string, operands: readonly TensorLike[]): Tensor => {
  for (const x of operands) if (typeof x === "object") return x;
  throw new ArgumentError(op, `needs a tensor, got ${operands.join(" and ")}`, "wrap one of them in tensor(...)");
};

/** Repeats `x` to `shape` when it has another. */
export const expandTo = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : x.broadcastTo(shape));

/** Brings operands to one element type and one shape by PyTorch's promotion and NumPy's broadcasting. */
export const unify = (op: string, operands: readonly TensorLike[]): Tensor[] => {
  const some = someTensor(op, operands);
  let dtype: DType | undefined;
  for (const x of operands) {
    if (typeof x === "object") dtype = dtype === undefined ? x.dtype : promoteTypes(dtype, x.dtype);
  }
  for (const x of operands)
    if (typeof x !== "object") dtype = promoteTypes(dtype as DType, typeBeside(x, dtype as DType));
  const tensors = operands.map((x) =>
    typeof x === "object" ? x.cast(dtype as DType) : some.scalar(Number(x), dtype as DType),
  );
  let shape = (tensors[0] as Tensor).shape;
  for (let i = 1; i < tensors.length; i++) shape = broadcastShapes(op, shape, (tensors[i] as Tensor).shape);
  for (let i = 0; i < tensors.length; i++) tensors[i] = expandTo(tensors[i] as Tensor, shape);
  return tensors;
};

/** Refuses element types that `op` does not take. */
export const requireType = (op: string, x: Tensor, accepts: (dtype: DType) => boolean, wanted: string): void => {
  if (!accepts(x.dtype)) throw new DTypeError(op, `takes ${wanted}, got ${x.dtype}`, `use cast(...) first`);
};

/** Refuses a number that elements of a type cannot hold: fractions and numbers out of range for integers. */
export const requireHeld = (op: string, value: number, dtype: DType): void => {
  if (!isFloat(dtype) && roundTo(dtype, value) !== value) {
    throw new DTypeError(op, `${dtype} cannot hold ${value}`, "use cast(...) first");
  }
};

/** Integers and bools become float32, as PyTorch does for functions with real results. */
export const toFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : x.cast("float32"));
