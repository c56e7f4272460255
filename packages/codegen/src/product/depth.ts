import type { Source } from "../source.ts";
import { zeroSum } from "./accumulators.ts";
import { count } from "./affine.ts";
import { coordinates } from "./neighbours.ts";
import { accumulatorType, depthOf, type Product } from "./product.ts";

import { sliceLength } from "./tiles.ts";
import { conditionOf } from "./walk.ts";

/** The part of a sum's innermost space that a workgroup adds up. */
export interface DepthRange {
  /** Names or literals of int32s. */
  readonly from: string;
  readonly to: string;
  /** Whether the length of each part is a multiple of `unit`. */
  readonly whole: boolean;
}

/** Part number `slice` (a literal or a name); parts but the last are multiples of `unit` long. */
export const depthRange = (s: Source, product: Product, slice: string, slices: number, unit: number): DepthRange => {
  const size = count(product.sizes, "inner");
  const whole = size % unit === 0;
  if (slices === 1) return { from: "0", to: `${size}`, whole };
  const part = sliceLength(product, slices, unit);
  const from = s.let("int32", `${slice} * ${part}`, "from");
  return { from, to: s.let("int32", `min(${from} + ${part}, ${size})`, "to"), whole };
};

/** Terms after which a sum is set aside, so that a total and what is added to it stay of similar size. */
const blockLength = 64;
/** Runs of fewer terms are not worth a sum of their own. */
const shortRun = 16;

/**
 * Runs a loop over part of the innermost space, `body(from, to, sums)`, which adds to sums. Those of floats are set aside from time to
 * time, at distances of a multiple of 32.
 */
export const inBlocks = (
  s: Source,
  product: Product,
  { from, to }: Pick<DepthRange, "from" | "to">,
  totals: readonly (readonly string[])[],
  body: (from: string, to: string, sums: readonly (readonly string[])[]) => void,
): void => {
  const type = accumulatorType(product);
  const length = count(product.sizes, "inner");
  if (type === "int32" || depthOf(product) <= 2 * blockLength || length < shortRun) {
    body(from, to, totals);
    return;
  }
  const block = (first: string, end: string): void => {
    const parts = totals.map((line) => line.map(() => zeroSum(s, type)));
    body(first, end, parts);
    for (const [i, line] of totals.entries()) {
      for (const [j, total] of line.entries()) s.line(`${total} += ${parts[i]?.[j]};`);
    }
  };
  if (length <= blockLength) block(from, to);
  else s.for(from, to, (b) => block(b, s.let("int32", `min(${b} + ${blockLength}, ${to})`, "to")), blockLength);
};

/** What is done at each position of the outer space, whose coordinates `body` gets, where there are terms to add at all. */
export const eachOuter = (
  s: Source,
  product: Product,
  batch: readonly string[],
  body: (outer: readonly string[]) => void,
): void => {
  const { sizes, when } = product;
  if (count(sizes, "outer") * count(sizes, "inner") === 0) return;
  const inside = (index: string): void => {
    const outer = coordinates(s, index, sizes.outer);
    const condition = conditionOf(s, when, sizes, { batch, outer });
    if (condition === undefined) body(outer);
    else s.if(condition, () => body(outer));
  };
  if (count(sizes, "outer") === 1) inside("0");
  else s.for(0, count(sizes, "outer"), inside);
};
