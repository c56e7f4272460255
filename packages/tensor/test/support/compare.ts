import type { DType } from "@gradloom/backend";
import { isFloat, readElement, roundTo } from "@gradloom/backend";
import type { Tensor } from "../../src/index.ts";
import type { Values } from "./values.ts";

/** Half of the distance between neighbours of 1: the error of rounding. */
const rounding: Readonly<Partial<Record<DType, number>>> = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

/** The smallest normal number: below, precision fades. */
const tiny: Readonly<Partial<Record<DType, number>>> = {
  float64: 2 ** -1022,
  float32: 2 ** -126,
  float16: 2 ** -14,
  bfloat16: 2 ** -126,
};

/** What an exact result becomes in the type; integers wrap. */
const stored = (dtype: DType, value: number): number => {
  if (dtype === "int32") return Number(BigInt.asIntN(32, BigInt(Math.trunc(value))));
  if (dtype === "uint32") return Number(BigInt.asUintN(32, BigInt(Math.trunc(value))));
  return roundTo(dtype, value);
};

/**
 * What an error is measured by: the element itself, the largest element of the result (where terms cancel), or the element but at
 * least a number (for functions that are only precise in absolute terms near their zeros).
 */
export type Scale = "element" | "result" | number;

export interface Tolerance {
  /** Allowed error in units of rounding. */
  readonly units: number;
  readonly scale: Scale;
}

/** Why a result is wrong; undefined when it is right. */
export const difference = async (
  result: Tensor,
  want: Values,
  { units, scale }: Tolerance,
): Promise<string | undefined> => {
  const { dtype, shape } = result;
  if (shape.join() !== want.shape.join()) return `shape is [${shape}], not [${want.shape}]`;
  if (want.dtype !== undefined && want.dtype !== dtype) return `type is ${dtype}, not ${want.dtype}`;
  const data = await result.data();
  const unit = rounding[dtype] ?? 0;
  const sizes = want.data.map(Math.abs).filter(Number.isFinite);
  const most = Math.max(0, ...sizes);
  for (let i = 0; i < result.size; i++) {
    const got = readElement(dtype, data, i);
    const exact = want.data[i] as number;
    const rounded = isFloat(dtype) || Number.isFinite(exact) ? stored(dtype, exact) : exact;
    if (Object.is(got, rounded)) continue;
    const least = scale === "result" ? most : scale === "element" ? 0 : scale;
    const allowed = unit * units * Math.max(Math.abs(exact), least, tiny[dtype] ?? 0);
    // Either zero will do for a result that is 0 only after rounding; the sign of an exact 0 counts.
    if (got === rounded && exact !== 0) continue;
    if (isFloat(dtype) && exact !== 0 && Math.abs(got - exact) <= allowed) continue;
    if (least > 0 && Math.abs(got - exact) <= allowed) continue;
    const error = unit === 0 ? "" : `, off by ${Math.abs(got - exact) / (unit * Math.abs(exact))} units`;
    return `element ${i} is ${Object.is(got, -0) ? "-0" : got}, not ${Object.is(exact, -0) ? "-0" : exact}${error}`;
  }
  return undefined;
};
