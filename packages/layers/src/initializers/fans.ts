import type { Shape } from "@gradloom/tensor";
import { formatShape, ShapeError } from "@gradloom/tensor";

/** How many inputs an output of a layer sees, and how many outputs an input feeds. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Fans of a weight [in, out] or a filter [...window, in, out].
 *
 * @throws ShapeError below rank 2.
 * @example fans([3, 3, 16, 32]) // { fanIn: 144, fanOut: 288 }
 */
export const fans = (shape: Shape, op = "fans"): Fans => {
  if (shape.length < 2) {
    throw new ShapeError(
      op,
      `needs a weight [...window, in, out], got ${formatShape(shape)}`,
      "use another initializer",
    );
  }
  const window = shape.slice(0, -2).reduce((n, m) => n * m, 1);
  return { fanIn: window * (shape.at(-2) as number), fanOut: window * (shape.at(-1) as number) };
};
