import { ArgumentError } from "@gradloom/tensor";
import type { AverageOptions, ClassCounts } from "./classCounts.ts";
import { classRatio } from "./classCounts.ts";

/** The counts of one class. */
const of = ({ hits, predicted, actual, total }: ClassCounts, k: number) => ({
  hits: hits[k] as number,
  predicted: predicted[k] as number,
  actual: actual[k] as number,
  total,
});

/**
 * The share of predictions of a class that are right: `TP / (TP + FP)`.
 *
 * @throws ArgumentError for options that make no sense.
 * @example new Precision({ classes: 10, average: "macro" })
 */
export const Precision = classRatio("Precision", (counts, k) => {
  const { hits, predicted } = of(counts, k);
  return [hits, predicted];
});

/** The share of elements of a class that are found: `TP / (TP + FN)`. */
export const Recall = classRatio("Recall", (counts, k) => {
  const { hits, actual } = of(counts, k);
  return [hits, actual];
});

export interface FBetaOptions extends AverageOptions {
  /** How much more recall counts than precision; 1 for the F1 score. */
  readonly beta: number;
}

/** `(1 + beta^2) TP / ((1 + beta^2) TP + beta^2 FN + FP)`, the weighted harmonic mean of precision and recall. */
export const FBeta = classRatio<FBetaOptions>(
  "FBeta",
  (counts, k, { beta }) => {
    const { hits, predicted, actual } = of(counts, k);
    return [(1 + beta ** 2) * hits, beta ** 2 * actual + predicted];
  },
  { beta: 1 },
  ({ beta }) => {
    if (!(beta > 0)) throw new ArgumentError("FBeta", `beta is a number > 0, got ${beta}`);
  },
);

/** The share of elements of other classes that are not taken for the class: `TN / (TN + FP)`. */
export const Specificity = classRatio("Specificity", (counts, k) => {
  const { hits, predicted, actual, total } = of(counts, k);
  return [total - predicted - actual + hits, total - actual];
});

/** Intersection over union, the Jaccard index: `TP / (TP + FP + FN)`; for segmentation with label maps [..., height, width], say. */
export const IoU = classRatio("IoU", (counts, k) => {
  const { hits, predicted, actual } = of(counts, k);
  return [hits, predicted + actual - hits];
});
