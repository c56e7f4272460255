import { hostArray, readElement } from "@gradloom/backend";
import { tensor } from "../create.ts";
import type { Tensor } from "../tensor.ts";
import { indexTensor } from "./indices.ts";

export interface Unique {
  /** The different elements in ascending order; NaN last, each NaN for itself. */
  readonly values: Tensor;
  /** For each element of the input, in its shape, its position in `values`; int32. */
  readonly inverse: Tensor;
  /** How often each value occurs; int32. */
  readonly counts: Tensor;
}

/**
 * The different elements of `x` in ascending order, how often each occurs, and where each element of `x` stands among them. Evaluates `x`,
 * because the result's size depends on it.
 *
 * @example (await unique(tensor([3, 1, 3]))).values // [1, 3]
 */
export const unique = async (x: Tensor): Promise<Unique> => {
  const elements = await x.data();
  const numbers = Float64Array.from(elements, (_, i) => readElement(x.dtype, elements, i));
  const order = new Uint32Array(numbers.length).map((_, i) => i);
  const at = (i: number): number => numbers[i] as number;
  order.sort((i, j) =>
    at(i) < at(j) ? -1 : at(i) > at(j) ? 1 : Number(Number.isNaN(at(i))) - Number(Number.isNaN(at(j))) || i - j,
  );
  const inverse = new Int32Array(numbers.length);
  const firsts: number[] = [];
  const counts: number[] = [];
  for (const i of order) {
    const last = firsts[firsts.length - 1];
    if (last === undefined || at(last) !== at(i)) {
      firsts.push(i);
      counts.push(0);
    }
    inverse[i] = firsts.length - 1;
    counts[firsts.length - 1] = (counts[firsts.length - 1] as number) + 1;
  }
  const stored = hostArray(x.dtype, firsts.length);
  firsts.forEach((i, k) => {
    stored[k] = elements[i] as number;
  });
  const values = tensor(stored, { dtype: x.dtype, device: x.device });
  return { values, inverse: indexTensor(x, inverse, x.shape), counts: indexTensor(x, counts, [counts.length]) };
};
