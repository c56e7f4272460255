import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, where } from "@gradloom/tensor";
import type { LossOptions } from "./reduction.ts";
import { reduceLosses, requireSame } from "./reduction.ts";

/**
 * Mean squared error `(y - t)²`.
 *
 * @throws ShapeError unless prediction and target have one shape.
 * @example mseLoss(model.call(x), target)
 */
export const mseLoss = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  requireSame("mseLoss", prediction, target);
  return reduceLosses("mseLoss", prediction.sub(target).square(), options);
};

/** Mean absolute error `|y - t|`. As `mseLoss`. */
export const maeLoss = (prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor => {
  requireSame("maeLoss", prediction, target);
  return reduceLosses("maeLoss", prediction.sub(target).abs(), options);
};

/**
 * `e² / 2` where `|e| < delta`, else `delta (|e| - delta / 2)`, for e = y - t (Huber, 1964). As `mseLoss`.
 *
 * @param options.delta 1 by default.
 * @throws ArgumentError unless delta is above 0.
 */
export const huberLoss = (
  prediction: Tensor,
  target: Tensor,
  options: LossOptions & { readonly delta?: number } = {},
): Tensor => {
  const { delta = 1 } = options;
  requireSame("huberLoss", prediction, target);
  if (!(delta > 0)) throw new ArgumentError("huberLoss", `delta is a number > 0, got ${delta}`);
  const error = prediction.sub(target);
  const size = error.abs();
  const losses = where(size.less(delta), error.square().mul(0.5), size.sub(delta / 2).mul(delta));
  return reduceLosses("huberLoss", losses, options);
};

/**
 * `e² / (2 beta)` where `|e| < beta`, else `|e| - beta / 2`, for e = y - t. As `mseLoss`.
 *
 * @param options.beta 1 by default; 0 gives the absolute error.
 * @throws ArgumentError for a negative beta.
 */
export const smoothL1Loss = (
  prediction: Tensor,
  target: Tensor,
  options: LossOptions & { readonly beta?: number } = {},
): Tensor => {
  const { beta = 1 } = options;
  requireSame("smoothL1Loss", prediction, target);
  if (!(beta >= 0)) throw new ArgumentError("smoothL1Loss", `beta is a number >= 0, got ${beta}`);
  const error = prediction.sub(target);
  const size = error.abs();
  if (beta === 0) return reduceLosses("smoothL1Loss", size, options);
  const losses = where(size.less(beta), error.square().mul(0.5 / beta), size.sub(beta / 2));
  return reduceLosses("smoothL1Loss", losses, options);
};
