import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, arange, stack, takeAlongAxis, zeros } from "@gradloom/tensor";
import type { Batch } from "./batch.ts";
import { asLabels, hasScores, requireSameShape, scoresAndLabels } from "./batch.ts";
import type { MetricClass } from "./Metric.ts";
import { defineMetric } from "./Metric.ts";

/** A metric that is the share of true values: its state counts them and all. */
const share = <O extends object>(
  name: string,
  defaults: O,
  isRight: (batch: Batch, options: O) => Tensor,
  check?: (options: O) => void,
): MetricClass<O, number> =>
  defineMetric<O, number>({
    name,
    defaults,
    ...(check && { check }),
    start: ({ predictions: { device } }) => zeros([2], { dtype: "int32", device }),
    update: (state, batch, options) => {
      const right = isRight(batch, options).flatten();
      return state.add(stack([right.sum(), state.constant(right.size)]));
    },
    result: ([right, all]) => (right as number) / (all as number),
  });

export interface BinaryAccuracyOptions {
  /** The probability above which true is predicted. */
  readonly threshold: number;
}

/**
 * The share of elements on whose side of the threshold the target lies: predictions are probabilities, or truth values, targets 0 or 1.
 *
 * @example const accuracy = new BinaryAccuracy(); accuracy.update(sigmoid(logits), targets);
 */
export const BinaryAccuracy = share<BinaryAccuracyOptions>(
  "BinaryAccuracy",
  { threshold: 0.5 },
  (batch, { threshold }) => {
    requireSameShape(batch);
    return batch.predictions.cast(batch.wide).greater(threshold).equal(batch.targets.cast("bool"));
  },
);

/**
 * The share of right labels: predictions are labels of the targets' shape, or scores [..., classes], of which the largest counts.
 *
 * @example const accuracy = new Accuracy(); accuracy.update(logits, labels); await accuracy.result();
 */
export const Accuracy = share<object>("Accuracy", {}, (batch) => {
  if (hasScores(batch)) return batch.predictions.argmax(-1).equal(asLabels(batch.targets));
  requireSameShape(batch);
  return asLabels(batch.predictions).equal(asLabels(batch.targets));
});

/** The share of predictions [..., classes] whose largest score is where that of the one-hot targets [..., classes] is. */
export const CategoricalAccuracy = share<object>("CategoricalAccuracy", {}, (batch) => {
  requireSameShape(batch);
  const { scores, labels } = scoresAndLabels(batch);
  return scores.argmax(-1).equal(labels);
});

/** The share of predictions [..., classes] whose largest score is at the target [...]. */
export const SparseCategoricalAccuracy = share<object>("SparseCategoricalAccuracy", {}, (batch) => {
  const { scores, labels } = scoresAndLabels(batch);
  return scores.argmax(-1).equal(labels);
});

export interface TopKOptions {
  /** How many of the highest scores are looked at. */
  readonly k: number;
}

/**
 * The share of predictions [..., classes] with the target among the `k` highest scores; of equal scores the later class counts as higher,
 * as in scikit-learn.
 *
 * @throws ArgumentError unless k is a whole number >= 1.
 */
export const TopKAccuracy = share<TopKOptions>(
  "TopKAccuracy",
  { k: 5 },
  (batch, { k }) => {
    const { scores, labels } = scoresAndLabels(batch);
    const at = arange(scores.shape.at(-1) as number, undefined, 1, { dtype: "int32", device: scores.device });
    const index = labels.unsqueeze(-1);
    const own = takeAlongAxis(scores, index, -1);
    const above = scores.greater(own).logicalOr(scores.equal(own).logicalAnd(at.greater(index)));
    return above.sum(-1).less(k).logicalAnd(own.squeeze(-1).isNaN().logicalNot());
  },
  ({ k }) => {
    if (!Number.isInteger(k) || k < 1) throw new ArgumentError("TopKAccuracy", `k is a whole number >= 1, got ${k}`);
  },
);
