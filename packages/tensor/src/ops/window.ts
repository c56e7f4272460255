import type { Shape } from "@gradloom/backend";
import { ArgumentError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";

/** One number for all spatial dimensions, or one for each. */
export type PerDimension = number | readonly number[];

/**
 * What lies around the input. "valid": nothing; "same": as much as makes the output `ceil(size / stride)`, the odd one behind (as in
 * Keras); a number for all sides; or for each spatial dimension a number or `[before, after]`.
 */
export type Padding = "same" | "valid" | number | readonly (number | readonly [before: number, after: number])[];

/** Placement of windows, as kernels take it. */
export interface Geometry {
  readonly stride: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
}

/** One whole number >= `least` for each of `rank` spatial dimensions. */
export const perDimension = (
  op: string,
  what: string,
  value: PerDimension,
  rank: number,
  least = 1,
): readonly number[] => {
  const list = typeof value === "number" ? new Array<number>(rank).fill(value) : value;
  if (list.length !== rank || list.some((n) => !Number.isInteger(n) || n < least)) {
    const wanted = `a whole number >= ${least}${rank > 1 ? `, or ${rank} of them` : ""}`;
    throw new ArgumentError(
      op,
      `${what} is ${wanted}, got ${typeof value === "number" ? value : `[${list.join(",")}]`}`,
    );
  }
  return list;
};

/** Positions from the first to the last that a window touches. */
export const extent = (window: number, dilation: number): number => (window - 1) * dilation + 1;

/** Padding before and after each dimension. */
export const resolvePadding = (
  op: string,
  padding: Padding,
  spatial: Shape,
  window: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): (readonly [number, number])[] => {
  if (padding === "valid") return spatial.map(() => [0, 0]);
  if (padding === "same") {
    return spatial.map((n, d) => {
      const by = stride[d] as number;
      const total = Math.max(0, (Math.ceil(n / by) - 1) * by + extent(window[d] as number, dilation[d] as number) - n);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }
  const list = typeof padding === "number" ? spatial.map(() => padding) : padding;
  if (typeof list === "string" || list.length !== spatial.length) {
    throw new ArgumentError(
      op,
      `cannot read padding ${JSON.stringify(padding)}`,
      `use "same", "valid", a number or ${spatial.length} of them`,
    );
  }
  return list.map((amount) => {
    const pair = typeof amount === "number" ? ([amount, amount] as const) : amount;
    if (pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < 0)) {
      throw new ArgumentError(
        op,
        `padding is whole numbers >= 0, got ${JSON.stringify(padding)}`,
        "slice the input to cut it",
      );
    }
    return pair;
  });
};

/** The number of windows along each spatial dimension. */
export const windowCounts = (op: string, spatial: Shape, window: readonly number[], geometry: Geometry): number[] =>
  spatial.map((n, d) => {
    const [low, high] = geometry.padding[d] as readonly [number, number];
    const needed = extent(window[d] as number, geometry.dilation[d] as number);
    if (n + low + high < needed) {
      throw new ShapeError(
        op,
        `a window over ${needed} positions does not fit the ${n + low + high} of spatial dimension ${d}, padding included`,
        `use a smaller window, or more padding for ${formatShape(spatial)}`,
      );
    }
    return Math.floor((n + low + high - needed) / (geometry.stride[d] as number)) + 1;
  });

/** Refuses inputs that are not [batch, ...spatial, channels]. */
export const requireSpatial = (op: string, x: Tensor, rank: number): void => {
  if (x.rank !== rank + 2) {
    const axes = ["depth", "height", "width"].slice(3 - rank).join(", ");
    throw new ShapeError(
      op,
      `takes [batch, ${rank === 1 ? "length" : axes}, channels], got ${formatShape(x.shape)}`,
      "reshape it first",
    );
  }
};
