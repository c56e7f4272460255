import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, ShapeError, sigmoid } from "@gradloom/tensor";
import { binaryCrossEntropyWithLogits } from "./binaryCrossEntropy.ts";
import type { LossOptions } from "./reduction.ts";
import { reduceLosses, requireSame } from "./reduction.ts";

/**
 * `-a (1 - p)^gamma log p` for logits x, targets t of 0 and 1, p the probability of what is right, and the factor a: alpha where t is 1,
 * 1 - alpha where it is 0 (Lin et al., "Focal loss", 2017), as torchvision's `sigmoid_focal_loss`.
 *
 * @param options.alpha 0.25 by default; negative for no factor.
 * @param options.gamma 2 by default.
 * @throws ShapeError unless both have one shape; ArgumentError for a negative gamma or alpha above 1.
 */
export const focalLoss = (
  logits: Tensor,
  target: Tensor,
  options: LossOptions & { readonly alpha?: number; readonly gamma?: number } = {},
): Tensor => {
  const op = "focalLoss";
  const { alpha = 0.25, gamma = 2 } = options;
  requireSame(op, logits, target);
  if (!(gamma >= 0)) throw new ArgumentError(op, `gamma is a number >= 0, got ${gamma}`);
  if (!(alpha <= 1)) throw new ArgumentError(op, `alpha is at most 1, got ${alpha}`);
  const t = target.cast(logits.dtype);
  const no = t.neg().add(1);
  // 1 - p = p1 + t - 2 p1 t for the probability p1 of 1; written without cancelling where p is near 1.
  const wrong = t.mul(sigmoid(logits.neg())).add(no.mul(sigmoid(logits)));
  const modulation =
    gamma === 0 ? wrong.constant(1) : gamma === 1 ? wrong : gamma === 2 ? wrong.square() : wrong.pow(gamma);
  const losses = binaryCrossEntropyWithLogits(logits, t, { reduction: "none" }).mul(modulation);
  const factor = alpha < 0 ? undefined : t.mul(alpha).add(no.mul(1 - alpha));
  return reduceLosses(op, factor === undefined ? losses : losses.mul(factor), options);
};

/**
 * `1 - (2 sum(p t) + s) / (sum(p) + sum(t) + s)` for probabilities and targets [batch, ...spatial, classes], summed over the
 * spatial dimensions: one loss per image and class (Milletari et al., 2016). Without reduction [batch, classes].
 *
 * @param options.smooth s, 1 by default: keeps empty classes from dividing by 0.
 * @throws ShapeError unless both have one shape of rank 3 or more.
 * @example diceLoss(softmax(logits), oneHot(labels, 4))
 */
export const diceLoss = (
  probabilities: Tensor,
  target: Tensor,
  options: LossOptions & { readonly smooth?: number } = {},
): Tensor => {
  const op = "diceLoss";
  const { smooth = 1 } = options;
  requireSame(op, probabilities, target);
  if (probabilities.rank < 3) {
    throw new ShapeError(op, `takes [batch, ...spatial, classes], got ${formatShape(probabilities.shape)}`);
  }
  const spatial = probabilities.shape.slice(1, -1).map((_, d) => d + 1);
  const t = target.cast(probabilities.dtype);
  const common = probabilities.mul(t).sum(spatial).mul(2).add(smooth);
  const total = probabilities.sum(spatial).add(t.sum(spatial)).add(smooth);
  return reduceLosses(op, common.div(total).neg().add(1), options);
};
