import type { DType, HostArray } from "@gradloom/backend";
import {
  ArgumentError,
  checkShape,
  DTypeError,
  formatShape,
  hostArray,
  readElement,
  ShapeError,
  sizeOf,
  writeElement,
} from "@gradloom/backend";
import type { Tensor } from "@gradloom/tensor";
import { tensor } from "@gradloom/tensor";
import type { Collated } from "./collate.ts";
import type { Dataset } from "./dataset.ts";
import { checkIndex, dataset } from "./dataset.ts";
import type { HostTensor } from "./hostTensor.ts";
import { dtypeOf } from "./hostTensor.ts";

/** Values of all examples, one after the other; the first dimension counts examples. */
export interface ArrayColumn {
  readonly data: HostArray | Uint8ClampedArray;
  readonly shape: readonly number[];
  /** Type of `data`, where the array leaves it open (bit patterns of 16 bits, truth values). */
  readonly stored?: DType;
  /** Type of examples and batches; that of `data` by default. */
  readonly dtype?: DType;
  /** Examples are `data * scale`, so that bytes can be kept and floats be given. */
  readonly scale?: number;
}

/** An array with a shape, or one number for each example. */
export type Column = HostArray | ArrayColumn;

/** One example of columns: a number or an array of each. */
export type ExampleOf<C> = { -readonly [K in keyof C]: C[K] extends ArrayColumn ? HostTensor : number };

/** A checked column. */
interface Values {
  readonly length: number;
  /** Shape and number of elements of one example. */
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype: DType;
  cut(indices: ArrayLike<number>): HostArray;
}

const valuesOf = (name: string, column: Column): Values => {
  const { data, shape, stored, scale, dtype: wanted } = "data" in column ? column : fromNumbers(column);
  const own = stored ?? dtypeOf(data);
  if (own === undefined) {
    throw new DTypeError(
      "fromArrays",
      `column ${name} could be of several types`,
      'give stored: "float16" or the like',
    );
  }
  checkShape("fromArrays", shape);
  const [length] = shape;
  if (length === undefined || sizeOf(shape) !== data.length) {
    throw new ShapeError("fromArrays", `column ${name} has ${data.length} values, ${formatShape(shape)} needs others`);
  }
  const dtype = wanted ?? own;
  const size = sizeOf(shape.slice(1));
  const copied = dtype === own && scale === undefined;
  const direct = dtype === "float32" || dtype === "float64";
  const plain = own !== "float16" && own !== "bfloat16";
  const cut = (indices: ArrayLike<number>): HostArray => {
    const result = hostArray(dtype, indices.length * size);
    for (let k = 0; k < indices.length; k++) {
      const index = indices[k] as number;
      checkIndex(index, length);
      const from = index * size;
      const to = k * size;
      if (copied && size === 1) result[to] = data[from] as number;
      else if (copied) result.set(data.subarray(from, from + size) as HostArray, to);
      else if (direct && plain) {
        const factor = scale ?? 1;
        for (let i = 0; i < size; i++) result[to + i] = (data[from + i] as number) * factor;
      } else {
        for (let i = 0; i < size; i++) {
          writeElement(dtype, result, to + i, readElement(own, data as HostArray, from + i) * (scale ?? 1));
        }
      }
    }
    return result;
  };
  return { length, shape: shape.slice(1), size, dtype, cut };
};

const fromNumbers = (data: HostArray): ArrayColumn => ({ data, shape: [data.length] });

/**
 * A data set of arrays in memory. Examples have the form of `columns` (a tuple or an object), with a number for each plain array and a
 * `HostTensor` for each array with a shape; batches are cut by copying whole stretches of memory.
 *
 * @throws ShapeError for columns of unequal length or arrays that do not fill their shape.
 * @example fromArrays([{ data: pixels, shape: [n, 28, 28, 1], dtype: "float32", scale: 1 / 255 }, Int32Array.from(labels)])
 */
export const fromArrays = <const C extends readonly Column[] | Readonly<Record<string, Column>>>(
  columns: C,
): Dataset<ExampleOf<C>> => {
  const entries = Object.entries(columns as Record<string, Column>).map(
    ([name, column]) => [name, valuesOf(name, column), ArrayBuffer.isView(column)] as const,
  );
  const length = entries[0]?.[1].length;
  if (length === undefined) throw new ArgumentError("fromArrays", "there are no columns");
  for (const [name, column] of entries) {
    if (column.length === length) continue;
    throw new ShapeError(
      "fromArrays",
      `columns differ in length, got ${length} and, in column ${name}, ${column.length}`,
      "give each example a value in every column",
    );
  }
  const build = (field: (values: Values, isNumber: boolean) => unknown): unknown => {
    const fields = entries.map(([name, values, isNumber]) => [name, field(values, isNumber)] as const);
    return Array.isArray(columns) ? fields.map(([, value]) => value) : Object.fromEntries(fields);
  };
  const get = (index: number): ExampleOf<C> =>
    build(({ shape, dtype, cut }, isNumber): HostTensor | number => {
      const data = cut([index]);
      return isNumber ? (data[0] as number) : { data, shape, dtype };
    }) as ExampleOf<C>;
  const gather = (indices: ArrayLike<number>): Collated<ExampleOf<C>> =>
    build(
      ({ shape, dtype, cut }): Tensor => tensor(cut(indices), { shape: [indices.length, ...shape], dtype }),
    ) as Collated<ExampleOf<C>>;
  return dataset({ length, get, gather });
};
