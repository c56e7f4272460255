export type { BinaryAccuracyOptions, TopKOptions } from "./accuracy.ts";
export {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  TopKAccuracy,
} from "./accuracy.ts";
export type { Batch, ClassOptions } from "./batch.ts";
export type { AverageOptions } from "./classCounts.ts";
export type { FBetaOptions } from "./classRatios.ts";
export { FBeta, IoU, Precision, Recall, Specificity } from "./classRatios.ts";
export type { CohenKappaOptions, ConfusionMatrixOptions } from "./confusion.ts";
export { CohenKappa, ConfusionMatrix, MatthewsCorrelation } from "./confusion.ts";
export type { PrecisionRecall, Roc } from "./curves.ts";
export type { CalibrationErrorOptions, LogLossOptions, PerplexityOptions } from "./likelihood.ts";
export { CalibrationError, LogLoss, Perplexity } from "./likelihood.ts";
export type { Metric, MetricClass, MetricRule, Values } from "./Metric.ts";
export { defineMetric, StreamingMetric } from "./Metric.ts";
export type { RankingAverageOptions, RankingClass, RocCurveOptions } from "./ranking.ts";
export { AUC, AveragePrecision, PrecisionRecallCurve, RankingMetric, RocCurve } from "./ranking.ts";
export type { VarianceOptions } from "./regression.ts";
export {
  ExplainedVariance,
  MeanAbsoluteError,
  MeanSquaredError,
  R2Score,
  RootMeanSquaredError,
} from "./regression.ts";
