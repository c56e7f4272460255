import type * as g from "../../src/index.ts";
import type { Sample } from "./row.ts";
import type { Values } from "./values.ts";
import { at, generate, random } from "./values.ts";

/** A sample whose result holds elements of its input: `from` gives the place in the input for one in the result; undefined is 0. */
export const moving = (
  name: string,
  shape: readonly number[],
  call: (x: g.Tensor) => g.Tensor,
  result: readonly number[],
  from: (position: number[]) => readonly number[] | undefined,
): Sample => ({
  name,
  inputs: [random(shape)],
  call: (x) => call(x as g.Tensor),
  expected: (x) =>
    generate(result, (position) => {
      const place = from(position);
      return place === undefined ? 0 : at(x as Values, place);
    }),
});
