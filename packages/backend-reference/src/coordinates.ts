import type { Coordinate, HostArray, KernelInput, Shape } from "@gradloom/backend";
import { contiguousStrides, sizeOf } from "@gradloom/backend";
import { readView } from "./positions.ts";

/**
 * For every position of `shape` in row-major order, the row-major element of a tensor of shape `target` that the coordinates name;
 * -1 when one of them is out of range. Indices below 0 count from the end.
 */
export const locate = (
  coordinates: readonly Coordinate[],
  shape: Shape,
  target: Shape,
  inputs: readonly KernelInput[],
  arrays: readonly HostArray[],
): Int32Array => {
  const places = new Int32Array(sizeOf(shape));
  const steps = contiguousStrides(shape);
  const strides = contiguousStrides(target);
  coordinates.forEach((coordinate, d) => {
    const size = target[d] as number;
    const indices =
      "input" in coordinate
        ? readView(inputs[coordinate.input] as KernelInput, arrays[coordinate.input] as HostArray)
        : undefined;
    for (let i = 0; i < places.length; i++) {
      const index =
        "input" in coordinate
          ? (indices?.[i] as number)
          : Math.floor(i / (steps[coordinate.dim] as number)) % (shape[coordinate.dim] as number);
      const from = index < 0 ? index + size : index;
      const place = places[i] as number;
      places[i] = place < 0 || from < 0 || from >= size ? -1 : place + from * (strides[d] as number);
    }
  });
  return places;
};
