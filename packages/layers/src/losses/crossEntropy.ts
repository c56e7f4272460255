import type { Tensor } from "@gradloom/tensor";
import {
  ArgumentError,
  arange,
  DTypeError,
  formatShape,
  isFloat,
  isInteger,
  logSoftmax,
  ShapeError,
  sameShape,
  where,
} from "@gradloom/tensor";
import type { LossOptions } from "./reduction.ts";
import { reduceLosses, reductionOf } from "./reduction.ts";

export interface NllOptions extends LossOptions {
  /** One factor per class, [classes]. The mean is weighted by them. */
  readonly weights?: Tensor;
  /** A label whose element counts for nothing, -100 by default. */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NllOptions {
  /** The share of the target that is spread evenly over all classes, 0 by default. */
  readonly labelSmoothing?: number;
}

const requireClasses = (op: string, x: Tensor, { weights }: NllOptions): number => {
  const classes = x.shape.at(-1);
  if (classes === undefined || classes === 0) {
    throw new ShapeError(op, `takes [..., classes], got ${formatShape(x.shape)}`, "classes are the last dimension");
  }
  if (weights !== undefined && !sameShape(weights.shape, [classes])) {
    throw new ShapeError(op, `needs one weight for each of ${classes} classes, got ${formatShape(weights.shape)}`);
  }
  return classes;
};

/**
 * Losses for labels, given logarithms of probabilities. All is comparison of positions with labels, so that it fuses with the softmax
 * before it and the gradient after it: no gathering, no scattering.
 */
const labelled = (
  op: string,
  logProbabilities: Tensor,
  labels: Tensor,
  classes: number,
  smoothing: number,
  options: NllOptions,
): Tensor => {
  const x = logProbabilities;
  if (!sameShape(labels.shape, x.shape.slice(0, -1))) {
    throw new ShapeError(
      op,
      `needs one label for each element, got ${formatShape(x.shape)} and labels ${formatShape(labels.shape)}`,
      "labels have all dimensions but the last",
    );
  }
  const { weights, ignoreIndex = -100 } = options;
  const zero = x.constant(0);
  const wide = labels.cast("int32");
  const counts = wide.notEqual(ignoreIndex);
  const isLabel = wide.unsqueeze(-1).equal(arange(classes, undefined, 1, { dtype: "int32", device: x.device }));
  const ofLabel = weights === undefined ? x.constant(1) : isLabel.where(weights.cast(x.dtype), zero).sum(-1);
  const weight = counts.where(ofLabel, zero);
  const unknown = wide.less(0).logicalOr(wide.greaterEqual(classes));
  const factor = where(unknown, Number.NaN, weight);
  // What is not the label is left out, not multiplied by 0: it may be infinite.
  const picked = isLabel.where(x, zero).sum(-1).neg();
  let losses = counts.where(factor.mul(picked), zero);
  if (smoothing > 0) {
    const all = (weights === undefined ? x : x.mul(weights.cast(x.dtype))).sum(-1).neg();
    losses = losses.mul(1 - smoothing).add(counts.where(all, zero).mul(smoothing / classes));
  }
  if (reductionOf(op, options) !== "mean") return reduceLosses(op, losses, options);
  // Scaled before they are added up: the gradient then waits for the labels only, and is computed in one pass with the losses.
  return weight.sum().reciprocal().mul(losses).sum();
};

/**
 * `-log softmax(x)_label`, or `-sum_c t_c log softmax(x)_c` for target probabilities t. Logits are [..., classes] (classes last); labels are
 * integers [...], probabilities floats [..., classes]. The mean over labels is weighted by their classes' weights and leaves out
 * ignored ones; a label that is out of range gives NaN.
 *
 * @throws ShapeError when the target or the weights do not fit; DTypeError for targets that are neither integers nor floats;
 * ArgumentError unless labelSmoothing lies in [0, 1].
 * @example crossEntropy(model.call(images), labels, { labelSmoothing: 0.1 })
 */
export const crossEntropy = (logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor => {
  const op = "crossEntropy";
  const { weights, labelSmoothing: smoothing = 0 } = options;
  const classes = requireClasses(op, logits, options);
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw new ArgumentError(op, `labelSmoothing lies in [0, 1], got ${smoothing}`);
  }
  const logProbabilities = logSoftmax(logits);
  if (isInteger(target.dtype)) return labelled(op, logProbabilities, target, classes, smoothing, options);
  if (!isFloat(target.dtype)) {
    throw new DTypeError(op, `takes labels (integers) or probabilities (floats), got ${target.dtype}`, "use cast(...)");
  }
  if (!sameShape(target.shape, logits.shape)) {
    throw new ShapeError(
      op,
      `needs one probability per logit, got ${formatShape(logits.shape)} and ${formatShape(target.shape)}`,
      'labels are integers: use cast("int32")',
    );
  }
  const smooth = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / classes);
  const terms = where(smooth.equal(0), 0, smooth.mul(logProbabilities));
  const losses = (weights === undefined ? terms : terms.mul(weights)).sum(-1).neg();
  return reduceLosses(op, losses, options);
};

/**
 * `-x_label` for logarithms of probabilities x [..., classes], such as `logSoftmax` gives, and labels [...]. As `crossEntropy`.
 *
 * @throws ShapeError when the labels or the weights do not fit; DTypeError for labels that are not integers.
 * @example nllLoss(logSoftmax(logits), labels)
 */
export const nllLoss = (logProbabilities: Tensor, labels: Tensor, options: NllOptions = {}): Tensor => {
  const classes = requireClasses("nllLoss", logProbabilities, options);
  if (!isInteger(labels.dtype)) {
    throw new DTypeError("nllLoss", `labels are integers, got ${labels.dtype}`, 'use cast("int32")');
  }
  return labelled("nllLoss", logProbabilities, labels, classes, 0, options);
};
