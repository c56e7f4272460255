import type { HostArray } from "@gradloom/backend";
import { ArgumentError, DTypeError, formatShape, hostArray, ShapeError, sameShape, sizeOf } from "@gradloom/backend";
import { stack, Tensor, tensor } from "@gradloom/tensor";
import type { HostTensor } from "./hostTensor.ts";
import { dtypeOf, isHostTensor } from "./hostTensor.ts";

/** What a batch of examples of type T is: tensors with a first dimension more, lists of strings, in the same tuples and objects. */
export type Collated<T> = T extends string
  ? string[]
  : T extends number | boolean | HostTensor | Tensor | ArrayBufferView
    ? Tensor
    : T extends object
      ? { -readonly [K in keyof T]: Collated<T[K]> }
      : T[];

/** Arrays of one shape and type, one after the other, as one tensor. */
const stackArrays = (list: readonly HostTensor[]): Tensor => {
  const { shape, dtype } = list[0] as HostTensor;
  const size = sizeOf(shape);
  const all = hostArray(dtype, list.length * size);
  list.forEach((each, i) => {
    if (!sameShape(each.shape, shape)) {
      throw new ShapeError(
        "collate",
        `examples of one batch differ in shape, got ${formatShape(shape)} and ${formatShape(each.shape)}`,
        "map them to one shape first, or give a collate function",
      );
    }
    if (each.dtype !== dtype) {
      throw new DTypeError("collate", `examples of one batch differ in type, got ${dtype} and ${each.dtype}`);
    }
    all.set(each.data, i * size);
  });
  return tensor(all, { shape: [list.length, ...shape], dtype });
};

const fromTyped = (array: ArrayBufferView): HostTensor => {
  const dtype = dtypeOf(array);
  if (dtype === undefined) {
    throw new DTypeError(
      "collate",
      `a ${array.constructor.name} has no element type of its own`,
      "give { data, shape, dtype }",
    );
  }
  const data = array as HostArray;
  return { data, shape: [data.length], dtype };
};

const isIndex = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 31;

/**
 * Makes a batch of examples. Numbers become int32 when all of the batch are whole and float32 otherwise, truth values bool, arrays and
 * tensors are stacked, strings listed; tuples and objects are collated field by field, and anything else becomes a list.
 *
 * @throws ShapeError, DTypeError for arrays that differ.
 * @example collate([[1, "a"], [2, "b"]]) // [int32 [2], ["a", "b"]]
 */
export const collate = <T>(examples: readonly T[]): Collated<T> => collateAny(examples) as Collated<T>;

const collateAny = (examples: readonly unknown[]): unknown => {
  const first = examples[0];
  if (first === undefined) throw new ArgumentError("collate", "there are no examples");
  const every = (test: (value: unknown) => boolean): boolean => examples.every(test);
  if (every((value) => typeof value === "number")) {
    const numbers = examples as readonly number[];
    return tensor(numbers, { dtype: numbers.every(isIndex) ? "int32" : "float32" });
  }
  if (every((value) => typeof value === "boolean")) return tensor(examples as readonly boolean[]);
  if (every((value) => value instanceof Tensor)) return stack(examples as readonly Tensor[]);
  if (every((value) => ArrayBuffer.isView(value))) return stackArrays((examples as ArrayBufferView[]).map(fromTyped));
  if (every(isHostTensor)) return stackArrays(examples as readonly HostTensor[]);
  if (every(Array.isArray)) {
    const length = (first as unknown[]).length;
    if (every((value) => (value as unknown[]).length === length)) {
      return Array.from({ length }, (_, i) => collateAny(examples.map((value) => (value as unknown[])[i])));
    }
    return [...examples];
  }
  if (
    every((value) => typeof value === "object" && value !== null && Object.getPrototypeOf(value) !== Date.prototype)
  ) {
    return Object.fromEntries(
      Object.keys(first as object).map((key) => [
        key,
        collateAny(examples.map((value) => (value as Record<string, unknown>)[key])),
      ]),
    );
  }
  return [...examples];
};
