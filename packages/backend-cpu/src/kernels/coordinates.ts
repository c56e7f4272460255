import { type Coordinate, isMasked, type View } from "@gradloom/backend";
import type { FunctionBuilder } from "../wasm/function.ts";
import { i32, select } from "../wasm/numeric.ts";
import { i32x4, v128 } from "../wasm/simd.ts";
import { asI32, type I32, type I32Like, type V128 } from "../wasm/value.ts";
import { both, plus, splat, times, within } from "./arithmetic.ts";
import { rangeOf } from "./track.ts";

/** How the coordinates of one place are found. */
export interface Finding {
  /** Position of the loops along a dimension. */
  readonly position: (dim: number) => I32Like;
  /** The index that an input holds at that position. */
  readonly index: (input: number) => I32;
}

/** Where the coordinates lead in a view: offset in elements, and whether they are in range and the view has an element there. */
export interface Place {
  readonly offset: I32Like;
  /** Undefined where it is known to hold. */
  readonly inRange: I32 | undefined;
  readonly exists: I32 | undefined;
}

/**
 * The place that coordinates name in a view, save those in `skip`. Indices below 0 count from the end. `extent` is the size of the
 * dimension that a coordinate walks.
 */
export const placeOf = (
  f: FunctionBuilder,
  view: View,
  coordinates: readonly Coordinate[],
  extent: (dim: number) => number,
  { position, index }: Finding,
  skip = -1,
): Place => {
  let offset: I32Like = view.offset;
  let inRange: I32 | undefined;
  let exists: I32 | undefined;
  coordinates.forEach((coordinate, d) => {
    if (d === skip) return;
    const size = view.shape[d] as number;
    let at: () => I32Like;
    if ("dim" in coordinate) {
      at = () => position(coordinate.dim);
      if (extent(coordinate.dim) > size) inRange = both(inRange, i32.ltS(asI32(at()), size));
    } else {
      const given = f.i32(index(coordinate.input));
      const counted = f.i32(select(i32.ltS(given, 0), i32.add(given, size), given));
      at = () => counted;
      inRange = both(inRange, i32.ltU(counted, size));
    }
    if (isMasked(view, d)) exists = both(exists, within(at, rangeOf(view, d)));
    offset = plus(offset, times(at(), view.strides[d] as number));
  });
  return { offset, inRange, exists };
};

/** As `placeOf` for the lanes of a vector: offsets, and masks of 32-bit lanes. */
export const placesOf = (
  keep: (value: V128) => V128,
  view: View,
  coordinates: readonly Coordinate[],
  extent: (dim: number) => number,
  position: (dim: number) => V128,
  index: (input: number) => V128,
): { readonly offsets: V128; readonly inRange: V128; readonly exists: V128 } => {
  let offsets: V128 = splat(view.offset);
  let inRange: V128 = splat(-1);
  let exists: V128 = splat(-1);
  coordinates.forEach((coordinate, d) => {
    const size = view.shape[d] as number;
    let at: V128;
    if ("dim" in coordinate) {
      at = keep(position(coordinate.dim));
      if (extent(coordinate.dim) > size) inRange = v128.and(inRange, i32x4.ltS(at, splat(size)));
    } else {
      const given = keep(index(coordinate.input));
      at = keep(i32x4.add(given, v128.and(i32x4.ltS(given, splat(0)), splat(size))));
      inRange = v128.and(inRange, i32x4.ltU(at, splat(size)));
    }
    if (isMasked(view, d)) {
      const [low, high] = rangeOf(view, d);
      exists = v128.and(exists, v128.and(i32x4.geS(at, splat(low)), i32x4.ltS(at, splat(high))));
    }
    const stride = view.strides[d] as number;
    if (stride !== 0) offsets = i32x4.add(offsets, stride === 1 ? at : i32x4.mul(at, splat(stride)));
  });
  return { offsets: keep(offsets), inRange: keep(inRange), exists: keep(exists) };
};
