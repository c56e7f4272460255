import { checkShape } from "@gradloom/backend";
import type { CreateOptions } from "./create.ts";
import { positionsOn } from "./create.ts";
import { currentDevice } from "./device.ts";
import type { Tensor } from "./tensor.ts";

/** Column less row, for each element of an [n, m] matrix. */
const diagonals = (op: string, n: number, m: number, options: CreateOptions): Tensor => {
  checkShape(op, [n, m]);
  const device = options.device ?? currentDevice();
  return positionsOn(device, m).sub(positionsOn(device, n).reshape([n, 1]));
};

/**
 * An [n, m] matrix (square by default) with ones on diagonal `k` (0 is the main one, 1 the one above), zeros elsewhere; takes no
 * memory by itself.
 *
 * @throws ShapeError for bad sizes.
 * @example eye(2) // [[1, 0], [0, 1]]
 */
export const eye = (n: number, m: number = n, k = 0, options: CreateOptions = {}): Tensor =>
  diagonals("eye", n, m, options)
    .equal(k)
    .cast(options.dtype ?? "float32");

/**
 * An [n, m] matrix (square by default) with ones on and below diagonal `k`, zeros above. As `eye`.
 *
 * @example tri(2) // [[1, 0], [1, 1]]
 */
export const tri = (n: number, m: number = n, k = 0, options: CreateOptions = {}): Tensor =>
  diagonals("tri", n, m, options)
    .lessEqual(k)
    .cast(options.dtype ?? "float32");
