import type { DType } from "@gradloom/backend";
import { ArgumentError, checkShape, DTypeError, isFloat } from "@gradloom/backend";
import type { CreateOptions } from "./create.ts";
import { positionsOn } from "./create.ts";
import { currentDevice } from "./device.ts";
import { pow } from "./ops/mathematics.ts";
import { where } from "./ops/where.ts";
import type { Tensor } from "./tensor.ts";

/** `n` evenly spaced numbers in float32 or float64, counted from the nearer end so that both ends are exact. */
const spaced = (op: string, start: number, stop: number, n: number, dtype: DType, options: CreateOptions): Tensor => {
  if (!Number.isFinite(start) || !Number.isFinite(stop)) {
    throw new ArgumentError(op, `needs finite numbers, got ${start} and ${stop}`);
  }
  if (!isFloat(dtype)) throw new DTypeError(op, `gives floats, got dtype ${dtype}`, "use cast(...)");
  checkShape(op, [n]);
  const i = positionsOn(options.device ?? currentDevice(), n).cast(dtype === "float64" ? "float64" : "float32");
  const step = n > 1 ? (stop - start) / (n - 1) : 0;
  const fromStop = i
    .constant(n - 1)
    .sub(i)
    .mul(step)
    .neg()
    .add(stop);
  return where(i.less(n / 2), i.mul(step).add(start), fromStop);
};

/**
 * `n` evenly spaced numbers from `start` to `stop`, both included. float32 unless `dtype` says otherwise.
 *
 * @throws ArgumentError for numbers that are not finite; DTypeError for integer types; ShapeError for a bad `n`.
 * @example linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 */
export const linspace = (start: number, stop: number, n: number, options: CreateOptions = {}): Tensor => {
  const { dtype = "float32" } = options;
  return spaced("linspace", start, stop, n, dtype, options).cast(dtype);
};

/**
 * `n` numbers `base^e` with evenly spaced exponents from `start` to `stop`, both included. As `linspace`.
 *
 * @example logspace(0, 2, 3) // [1, 10, 100]
 */
export const logspace = (start: number, stop: number, n: number, base = 10, options: CreateOptions = {}): Tensor => {
  const { dtype = "float32" } = options;
  const exponents = spaced("logspace", start, stop, n, dtype, options);
  return pow(exponents.scalar(base), exponents).cast(dtype);
};
