import { formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { perDimension, requireSpatial } from "./window.ts";

/**
 * Moves channels into space: x [n, h, w, c r r] becomes [n, h r, w r, c] with `y[n, i r + a, j r + b, k] = x[n, i, j, k r r + a r + b]`,
 * PyTorch's order of channels.
 *
 * @throws ShapeError when the channels do not divide by r r.
 * @example pixelShuffle(zeros([1, 4, 4, 12]), 2).shape // [1, 8, 8, 3]
 */
export const pixelShuffle = (x: Tensor, factor: number): Tensor => {
  requireSpatial("pixelShuffle", x, 2);
  const [r] = perDimension("pixelShuffle", "the factor", factor, 1) as [number];
  const [n, h, w, channels] = x.shape as [number, number, number, number];
  if (channels % (r * r) !== 0) {
    throw new ShapeError("pixelShuffle", `${channels} channels do not divide by ${r * r}, got ${formatShape(x.shape)}`);
  }
  const c = channels / (r * r);
  return x
    .reshape([n, h, w, c, r, r])
    .permute([0, 1, 4, 2, 5, 3])
    .reshape([n, h * r, w * r, c]);
};

/**
 * Moves space into channels, the inverse of `pixelShuffle`: [n, h r, w r, c] becomes [n, h, w, c r r].
 *
 * @throws ShapeError when height or width does not divide by r.
 * @example pixelUnshuffle(zeros([1, 8, 8, 3]), 2).shape // [1, 4, 4, 12]
 */
export const pixelUnshuffle = (x: Tensor, factor: number): Tensor => {
  requireSpatial("pixelUnshuffle", x, 2);
  const [r] = perDimension("pixelUnshuffle", "the factor", factor, 1) as [number];
  const [n, height, width, c] = x.shape as [number, number, number, number];
  if (height % r !== 0 || width % r !== 0) {
    throw new ShapeError("pixelUnshuffle", `height and width do not divide by ${r}, got ${formatShape(x.shape)}`);
  }
  return x
    .reshape([n, height / r, r, width / r, r, c])
    .permute([0, 1, 3, 5, 2, 4])
    .reshape([n, height / r, width / r, c * r * r]);
};
