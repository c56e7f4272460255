import type { Tensor } from "@gradloom/tensor";
import { log, log1p, logSigmoid, where, withGradient } from "@gradloom/tensor";
import type { LossOptions } from "./reduction.ts";
import { reduceLosses, requireSame } from "./reduction.ts";

export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Factors of the single losses, of a shape that broadcasts. */
  readonly weights?: Tensor;
}

/** The least logarithm that counts, as in PyTorch. */
const leastLogarithm = -100;

/** `log(p)`, at least -100. */
const boundedLog = (x: Tensor, logarithm: (x: Tensor) => Tensor): Tensor => {
  const y = logarithm(x);
  return where(y.less(leastLogarithm), leastLogarithm, y);
};

const weighed = (losses: Tensor, { weights }: BinaryCrossEntropyOptions): Tensor =>
  weights === undefined ? losses : losses.mul(weights);

/**
 * `-(t log p + (1 - t) log(1 - p))` for probabilities p and targets t in [0, 1]; logarithms below -100 count as that. With logits
 * `binaryCrossEntropyWithLogits` is more precise.
 *
 * @throws ShapeError unless probabilities and targets have one shape.
 * @example binaryCrossEntropy(sigmoid(logits), target)
 */
export const binaryCrossEntropy = (
  probabilities: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor => {
  requireSame("binaryCrossEntropy", probabilities, target);
  const [p, t] = [probabilities, target.cast(probabilities.dtype)];
  const yes = boundedLog(p, log);
  const no = boundedLog(p.neg(), log1p);
  const value = t.sub(1).mul(no).sub(t.mul(yes));
  // The derivative in p is (p - t) / (p (1 - p)), whose denominator is kept from 0.
  const losses = withGradient(value, [p, t], (g) => {
    const spread = p.mul(p.neg().add(1)).maximum(1e-12);
    return [g.mul(p.sub(t)).div(spread), g.mul(no.sub(yes))];
  });
  return reduceLosses("binaryCrossEntropy", weighed(losses, options), options);
};

/**
 * `-(w t log s(x) + (1 - t) log(1 - s(x)))` for logits x, targets t in [0, 1] and the logistic function s, without overflow.
 *
 * @param options.positiveWeights The factor w of the positive part, of a shape that broadcasts: above 1 it favours recall.
 * @throws ShapeError unless logits and targets have one shape.
 * @example binaryCrossEntropyWithLogits(model.call(x), target)
 */
export const binaryCrossEntropyWithLogits = (
  logits: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions & { readonly positiveWeights?: Tensor } = {},
): Tensor => {
  const op = "binaryCrossEntropyWithLogits";
  requireSame(op, logits, target);
  const { positiveWeights } = options;
  const t = target.cast(logits.dtype);
  // log(1 - s(x)) = log s(x) - x.
  const yes = logSigmoid(logits);
  const no = t.neg().add(1);
  const losses =
    positiveWeights === undefined
      ? no.mul(logits).sub(yes)
      : no.mul(logits).sub(positiveWeights.mul(t).add(no).mul(yes));
  return reduceLosses(op, weighed(losses, options), options);
};
