import type { DType, HostArray } from "../dtype.ts";
import { computeType } from "../dtype.ts";
import { readElement } from "../half.ts";
import type { Tolerance } from "./case.ts";

const unit = (dtype: DType): number => (computeType(dtype) === "float64" ? 2 ** -52 : 2 ** -23);

/** The unit of rounding of half floats, and their smallest positive value. */
const halves: { readonly [D in DType]?: readonly [number, number] } = {
  float16: [2 ** -10, 2 ** -24],
  bfloat16: [2 ** -7, 2 ** -126],
};

/** How far `expected` may be missed. */
const allowance = (dtype: DType, expected: number, { ulps, absolute }: Tolerance): number => {
  if (ulps === 0 && absolute === 0) return 0;
  const [relative, smallest] = halves[dtype] ?? [0, 0];
  return (ulps * unit(dtype) + relative) * Math.abs(expected) + absolute * unit(dtype) + smallest;
};

const same = (a: number, b: number, signedZeros: boolean): boolean =>
  signedZeros ? Object.is(a, b) : a === b || (Number.isNaN(a) && Number.isNaN(b));

/** Throws when two memories of `dtype` differ by more than the tolerance; NaN equals NaN. */
export const compare = (
  what: string,
  dtype: DType,
  got: HostArray,
  expected: HostArray,
  tolerance: Tolerance,
  signedZeros: boolean,
): void => {
  if (got.length !== expected.length) {
    throw new Error(`${what}: ${got.length} elements instead of ${expected.length}`);
  }
  let wrong = 0;
  let first = "";
  for (let i = 0; i < got.length; i++) {
    const a = readElement(dtype, got, i);
    const b = readElement(dtype, expected, i);
    if (same(a, b, signedZeros)) continue;
    const allowed = allowance(dtype, b, tolerance);
    if (Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= allowed && allowed > 0) continue;
    if (wrong++ === 0) {
      const show = (x: number) => (Object.is(x, -0) ? "-0" : `${x}`);
      first = `element ${i} is ${show(a)} instead of ${show(b)} (allowed ${allowed.toExponential(2)})`;
    }
  }
  if (wrong > 0) throw new Error(`${what}: ${first}; ${wrong} of ${got.length} elements differ`);
};
