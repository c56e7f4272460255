import { ShapeError } from "@gradloom/backend";
import * as g from "../../src/index.ts";
import type { BadCall, OpRow, Sample } from "./row.ts";
import { real } from "./types.ts";
import type { Values } from "./values.ts";
import { fold, random, shaped, values } from "./values.ts";

export type Reduce = (x: g.Tensor, axes?: g.Axes, keepDims?: boolean) => g.Tensor;
/** The exact result for a list of elements. */
export type Fold = (elements: number[]) => number;

export const sumOf: Fold = (list) => list.reduce((a, b) => a + b, 0);
export const meanOf: Fold = (list) => sumOf(list) / list.length;
const outOfRange = (name: string, op: Reduce): BadCall => ({
  call: () => op(g.zeros([2, 3]), 2),
  error: ShapeError,
  text: `[${name}] axis 2 is out of range for rank 2; use -2 to 1`,
});

const twice = (name: string, op: Reduce): BadCall => ({
  call: () => op(g.zeros([2, 3]), [1, -1]),
  error: ShapeError,
  text: `[${name}] axis 1 is named twice, got [1,1]`,
});

/** Samples of a reduction over one, several, all and no axes. */
const samplesOf = (op: Reduce, f: Fold, input: (shape: number[]) => Values, more: Partial<Sample> = {}): Sample[] => {
  const sample = (shape: number[], axes?: number | number[], keepDims = false): Sample => ({
    name: `over ${axes ?? "all"}`,
    inputs: [input(shape)],
    call: (x) => op(x as g.Tensor, axes, keepDims),
    expected: (x) => fold(x as Values, typeof axes === "number" ? [axes] : axes, f, keepDims),
    ...more,
  });
  return [
    sample([2, 3]),
    sample([2, 3], 0),
    sample([2, 3], -1, true),
    sample([2, 3, 4], [0, 2]),
    sample([2, 3, 4], [-1, 1], true),
    sample([2, 3], []),
    sample([]),
    sample([3, 1], 1),
    sample([2, 0, 3], 0),
  ];
};

/** A row of a reduction over axes; `name` is what its errors say. */
export const reductionRow = (
  name: string,
  op: Reduce,
  f: Fold,
  facts: Pick<OpRow, "names" | "gradient"> & Partial<OpRow>,
  input: (shape: number[]) => Values = (shape) => random(shape),
): OpRow => ({
  dtypes: real,
  tolerance: 8,
  scale: "result",
  ...facts,
  samples: [...samplesOf(op, f, input), ...(facts.samples ?? [])],
  typed: facts.typed ?? {
    inputs: [
      values([
        [3, -1, 0],
        [2, 2, 5],
      ]),
    ],
    call: (x) => op(x as g.Tensor, 1),
    expected: (x) => fold(x as Values, [1], f),
  },
  errors: [outOfRange(name, op), twice(name, op), ...(facts.errors ?? [])],
});

/** What a reduction gives over no elements. */
export const ofNothing = (op: Reduce, expected: number): Sample => ({
  name: "over no elements",
  inputs: [shaped([2, 0], [])],
  call: (x) => op(x as g.Tensor, 1),
  expected: shaped([2], [expected, expected]),
});
