import type { RandomOptions, Shape, Tensor } from "@gradloom/tensor";
import { ArgumentError, concat, eye, formatShape, ShapeError } from "@gradloom/tensor";
import type { XavierOptions } from "./scaled.ts";

/**
 * `gain` on the diagonal, 0 elsewhere.
 *
 * @throws ShapeError unless the rank is 2.
 */
export const identity = (shape: Shape, options: XavierOptions = {}): Tensor => {
  if (shape.length !== 2)
    throw new ShapeError("identity", `makes matrices, got ${formatShape(shape)}`, "use dirac for filters");
  return eye(shape[0] as number, shape[1] as number, 0, options).mul(options.gain ?? 1);
};

/**
 * A filter [...window, in / groups, out] that copies input channel i to output channel i, in each group: 1 in the middle of the window,
 * 0 elsewhere.
 *
 * @throws ShapeError below rank 3; ArgumentError when the groups do not divide the output channels.
 */
export const dirac = (shape: Shape, options: RandomOptions & { readonly groups?: number } = {}): Tensor => {
  const { groups = 1 } = options;
  const window = shape.slice(0, -2);
  if (window.length === 0) {
    throw new ShapeError("dirac", `makes filters [...window, in, out], got ${formatShape(shape)}`, "use identity");
  }
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  if (!Number.isInteger(groups) || groups < 1 || outputs % groups !== 0) {
    throw new ArgumentError("dirac", `${outputs} output channels do not divide into ${groups} groups`);
  }
  const one = eye(inputs, outputs / groups, 0, options);
  const channels = concat(new Array<Tensor>(groups).fill(one), 1);
  const middle = window.map((n) => Math.floor(n / 2));
  return channels
    .reshape([...window.map(() => 1), inputs, outputs])
    .zeroPad([...middle, 0, 0], [...window.map((n, d) => n - 1 - (middle[d] as number)), 0, 0]);
};
