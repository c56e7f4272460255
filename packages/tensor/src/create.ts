import type { DType, HostArray, Shape } from "@gradloom/backend";
import {
  ArgumentError,
  checkShape,
  DTypeError,
  dtypes,
  formatShape,
  hostArray,
  isDType,
  ShapeError,
  sizeOf,
  writeElement,
} from "@gradloom/backend";
import type { Device } from "./device.ts";
import { currentDevice } from "./device.ts";
import { constant, data, positions, scalar } from "./graph/leaves.ts";
import { Tensor } from "./tensor.ts";

/** Numbers or truth values in lists of equal lengths, a single one, or a typed array. */
export type TensorData = number | boolean | ArrayBufferView | readonly TensorData[];

/** What creation functions let you choose. */
export interface CreateOptions {
  /** Element type; float32 by default. */
  readonly dtype?: DType;
  /** Device; the current one by default. */
  readonly device?: Device;
}

export interface TensorOptions extends CreateOptions {
  /** Shape of a typed or flat array. */
  readonly shape?: Shape;
}

/** Element types of typed arrays; 16-bit patterns need an explicit one. */
const arrayTypes: readonly (readonly [new (length: number) => ArrayBufferView, DType])[] = [
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Int32Array, "int32"],
  [Uint32Array, "uint32"],
  [Int8Array, "int8"],
  [Uint8Array, "uint8"],
  [Uint8ClampedArray, "uint8"],
];

const checkDType = (op: string, dtype: DType): void => {
  if (!isDType(dtype))
    throw new DTypeError(op, `unknown element type ${String(dtype)}`, `use one of ${dtypes.join(", ")}`);
};

const fromHost = (host: HostArray, shape: Shape, dtype: DType, device: Device): Tensor => {
  const result = new Tensor(data, [], { shape, dtype }, shape, dtype, device);
  result.host = host;
  return result;
};

/** The lengths of nested lists; refuses ragged ones. */
const shapeOf = (values: TensorData): number[] => {
  const shape: number[] = [];
  for (
    let level = values;
    Array.isArray(level) || ArrayBuffer.isView(level);
    level = (level as readonly TensorData[])[0] as TensorData
  ) {
    shape.push((level as readonly TensorData[]).length);
    if (shape[shape.length - 1] === 0) break;
  }
  return shape;
};

const fill = (host: HostArray, dtype: DType, values: TensorData, shape: Shape): void => {
  let next = 0;
  const visit = (level: TensorData, d: number): void => {
    if (d === shape.length) {
      if (typeof level !== "number" && typeof level !== "boolean") {
        throw new ShapeError(
          "tensor",
          `lists of unequal depth, an element is ${String(level)}`,
          "nest all lists equally deep",
        );
      }
      writeElement(dtype, host, next++, Number(level));
      return;
    }
    const list = level as ArrayLike<TensorData>;
    if (typeof level !== "object" || list.length !== shape[d]) {
      const got = typeof level === "object" ? `length ${list.length}` : String(level);
      throw new ShapeError(
        "tensor",
        `lists of unequal length, got ${got} where ${formatShape(shape)} needs ${shape[d]}`,
      );
    }
    for (let i = 0; i < list.length; i++) visit(list[i] as TensorData, d + 1);
  };
  visit(values, 0);
};

const firstElement = (values: TensorData): unknown => {
  let level: unknown = values;
  while (Array.isArray(level)) level = level[0];
  return level;
};

/**
 * A tensor of given values: nested lists, one number or truth value, or a typed array with `shape` (its values are copied). Numbers become
 * float32 and truth values bool unless `dtype` says otherwise; a Uint16Array with dtype float16 or bfloat16 holds bit patterns.
 *
 * @throws ShapeError for ragged lists or a shape of another size.
 * @example tensor([[1, 2], [3, 4]])
 * @example tensor(new Float32Array(6), { shape: [2, 3] })
 */
export const tensor = (values: TensorData, options: TensorOptions = {}): Tensor => {
  const device = options.device ?? currentDevice();
  if (options.dtype !== undefined) checkDType("tensor", options.dtype);
  const typed = ArrayBuffer.isView(values) && !(values instanceof DataView);
  if (typed) return fromTyped(values as HostArray, options, device);
  const found = shapeOf(values);
  const size = sizeOf(found);
  const shape = options.shape ?? found;
  checkShape("tensor", shape);
  if (sizeOf(shape) !== size) {
    throw new ShapeError(
      "tensor",
      `${size} values do not fill ${formatShape(shape)}`,
      "give as many values as the shape has elements",
    );
  }
  const dtype = options.dtype ?? (typeof firstElement(values) === "boolean" ? "bool" : "float32");
  const host = hostArray(dtype, size);
  fill(host, dtype, values, found);
  return fromHost(host, [...shape], dtype, device);
};

const fromTyped = (values: HostArray, options: TensorOptions, device: Device): Tensor => {
  const own = arrayTypes.find(([type]) => values instanceof type)?.[1];
  const dtype = options.dtype ?? own;
  if (dtype === undefined) {
    throw new DTypeError("tensor", `a ${values.constructor.name} has no element type of its own`, "give dtype");
  }
  const shape = options.shape ?? [values.length];
  checkShape("tensor", shape);
  if (sizeOf(shape) !== values.length) {
    throw new ShapeError(
      "tensor",
      `${values.length} values do not fill ${formatShape(shape)}`,
      "give as many values as the shape has elements",
    );
  }
  const patterns = values instanceof Uint16Array && (dtype === "float16" || dtype === "bfloat16");
  const host = hostArray(dtype, values.length);
  if (patterns || own === dtype) host.set(values as never);
  else for (let i = 0; i < values.length; i++) writeElement(dtype, host, i, values[i] as number);
  return fromHost(host, [...shape], dtype, device);
};

/** A tensor without memory: one number repeated. */
export const full = (shape: Shape, value: number | boolean, options: CreateOptions = {}): Tensor => {
  checkShape("full", shape);
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "float32");
  checkDType("full", dtype);
  const one = new Tensor(
    scalar,
    [],
    { shape: [], dtype, value: Number(value) },
    [],
    dtype,
    options.device ?? currentDevice(),
  );
  return one.broadcastTo(shape);
};

const filled = (value: number, shape: Shape, options: CreateOptions): Tensor => {
  checkShape(value === 0 ? "zeros" : "ones", shape);
  const dtype = options.dtype ?? "float32";
  checkDType(value === 0 ? "zeros" : "ones", dtype);
  const one = new Tensor(constant, [], { shape: [], dtype, value }, [], dtype, options.device ?? currentDevice());
  return one.broadcastTo(shape);
};

/** Zeros of `shape`; takes no memory by itself. @example zeros([2, 3]) */
export const zeros = (shape: Shape, options: CreateOptions = {}): Tensor => filled(0, shape, options);

/** Ones of `shape`; takes no memory by itself. @example ones([2, 3]) */
export const ones = (shape: Shape, options: CreateOptions = {}): Tensor => filled(1, shape, options);

/** 0, 1, ..., n - 1 as int32, calculated where it is needed. */
export const positionsOn = (device: Device, n: number): Tensor =>
  new Tensor(positions, [], { shape: [n], dtype: "int32" }, [n], "int32", device);

/**
 * `start, start + step, ...` below `stop` (above it for a negative step); `arange(n)` counts from 0. float32 unless `dtype` says otherwise.
 *
 * @throws ArgumentError for a step of 0 or numbers that are not finite.
 * @example arange(1, 7, 2) // [1, 3, 5]
 */
export const arange = (start: number, stop?: number, step = 1, options: CreateOptions = {}): Tensor => {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (![from, to, step].every(Number.isFinite) || step === 0) {
    throw new ArgumentError("arange", `needs finite numbers and a step other than 0, got ${from}, ${to} and ${step}`);
  }
  const n = Math.max(0, Math.ceil((to - from) / step));
  checkShape("arange", [n]);
  const dtype = options.dtype ?? "float32";
  checkDType("arange", dtype);
  const index = positionsOn(options.device ?? currentDevice(), n);
  if (from === 0 && step === 1) return index.cast(dtype);
  const whole = Number.isInteger(from) && Number.isInteger(step);
  if (whole) return index.mul(step).add(from).cast(dtype);
  return index
    .cast(dtype === "float64" ? "float64" : "float32")
    .mul(step)
    .add(from)
    .cast(dtype);
};
