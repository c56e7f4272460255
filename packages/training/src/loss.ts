import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, formatShape, oneHot, tensor } from "@gradloom/tensor";

/** A loss as those of `@gradloom/layers`: their mean, or one per sample where `{ reduction: "none" }` is asked for. */
export type Loss = (outputs: Tensor, targets: Tensor, options?: { readonly reduction: "none" }) => Tensor;

/** Weights of each sample: its own, times its class's. */
const weightsOf = (
  targets: Tensor,
  own: Tensor | undefined,
  classWeights: readonly number[] | undefined,
  like: Tensor,
): Tensor | undefined => {
  if (classWeights === undefined) return own?.cast(like.dtype);
  if (targets.rank !== 1) {
    throw new ArgumentError(
      "fit",
      `classWeights need labels [batch], got ${formatShape(targets.shape)}`,
      "use weights",
    );
  }
  const perClass = tensor([...classWeights], { dtype: like.dtype, device: like.device });
  const ofClass = oneHot(targets, classWeights.length).cast(like.dtype).mul(perClass).sum(-1);
  return own === undefined ? ofClass : ofClass.mul(own.cast(like.dtype));
};

/**
 * The loss of a batch as one number. With weights it is `sum_i w_i loss_i / sum_i w_i`, as PyTorch weights classes.
 *
 * @throws ArgumentError when the loss gives neither one number nor, for weights, one per sample.
 */
export const lossOf = (
  loss: Loss,
  outputs: Tensor,
  targets: Tensor,
  own: Tensor | undefined,
  classWeights: readonly number[] | undefined,
): Tensor => {
  const weights = weightsOf(targets, own, classWeights, outputs);
  if (weights === undefined) {
    const value = loss(outputs, targets);
    if (value.size === 1) return value.reshape([]);
    throw new ArgumentError("fit", `the loss gives one number, got ${formatShape(value.shape)}`, "take its mean()");
  }
  const losses = loss(outputs, targets, { reduction: "none" });
  if (losses.rank === 0 || losses.shape[0] !== weights.shape[0]) {
    throw new ArgumentError(
      "fit",
      `weights need one loss per sample, got ${formatShape(losses.shape)} for ${formatShape(weights.shape)}`,
      'let the loss take { reduction: "none" } as its third argument',
    );
  }
  const perSample = losses.rank === 1 ? losses : losses.flatten(1).mean(1);
  return perSample.mul(weights).sum().div(weights.sum());
};
