import type { DType, Tensor } from "@gradloom/tensor";
import { ArgumentError, arange, ceil, clamp, log, logSigmoid, logSoftmax, stack, where, zeros } from "@gradloom/tensor";
import type { Batch } from "./batch.ts";
import { asLabels, hasScores, requireSameShape, scoresAndLabels } from "./batch.ts";
import { defineMetric } from "./Metric.ts";

const start = ({ predictions: { device }, wide }: Batch): Tensor => zeros([2], { dtype: wide, device });

/** Distance from 1 to the next number. */
const epsilons: Readonly<Partial<Record<DType, number>>> = { float64: 2 ** -52, float16: 2 ** -10, bfloat16: 2 ** -7 };

/** The element of each row of `x` [..., classes] at its label, 0 where `counts` is false. */
const pick = (x: Tensor, labels: Tensor): Tensor => {
  const at = arange(x.shape.at(-1) as number, undefined, 1, { dtype: "int32", device: x.device });
  return where(labels.unsqueeze(-1).equal(at), x, x.constant(0)).sum(-1);
};

export interface LogLossOptions {
  /** Whether predictions are logits in place of probabilities. */
  readonly fromLogits: boolean;
}

/** Logarithms of the probabilities that predictions give to their targets. */
const logLikelihood = (batch: Batch, { fromLogits }: LogLossOptions): Tensor => {
  const { predictions, wide } = batch;
  const epsilon = epsilons[predictions.dtype] ?? 2 ** -23;
  const x = predictions.cast(wide);
  if (hasScores(batch) || (predictions.rank > 1 && (predictions.shape.at(-1) as number) > 1)) {
    const { labels } = scoresAndLabels(batch);
    return pick(fromLogits ? logSoftmax(x) : log(clamp(x, epsilon, 1 - epsilon)), labels);
  }
  requireSameShape(batch);
  const isTrue = batch.targets.cast("bool");
  if (fromLogits) return logSigmoid(where(isTrue, x, x.neg()));
  const p = clamp(x, epsilon, 1 - epsilon);
  return log(where(isTrue, p, p.neg().add(1)));
};

/**
 * The mean negative logarithm of the probability that was given to the target, in nats: predictions are probabilities [..., classes] with
 * labels or one-hot targets, or [n] probabilities of true. Probabilities are kept an epsilon of their type away from 0 and 1.
 *
 * @example new LogLoss({ fromLogits: true })
 */
export const LogLoss = defineMetric<LogLossOptions, number>({
  name: "LogLoss",
  defaults: { fromLogits: false },
  start,
  update: (state, batch, options) => {
    const likelihood = logLikelihood(batch, options);
    return state.add(stack([likelihood.sum().neg(), state.constant(likelihood.size)]));
  },
  result: ([total, n]) => (total as number) / (n as number),
});

export interface PerplexityOptions extends LogLossOptions {
  /** A label whose element counts for nothing. */
  readonly ignoreIndex: number;
}

/**
 * The exponential of the mean negative log-likelihood of tokens: predictions are logits [..., vocabulary] (or probabilities), targets
 * labels [...].
 *
 * @example new Perplexity({ ignoreIndex: 0 })
 */
export const Perplexity = defineMetric<PerplexityOptions, number>({
  name: "Perplexity",
  defaults: { fromLogits: true, ignoreIndex: -100 },
  start,
  update: (state, batch, { fromLogits, ignoreIndex }) => {
    const { scores, labels } = scoresAndLabels(batch);
    const x = scores.cast(batch.wide);
    const counts = labels.notEqual(ignoreIndex);
    const likelihood = where(counts, pick(fromLogits ? logSoftmax(x) : log(x), labels), x.constant(0));
    return state.add(stack([likelihood.sum().neg(), counts.sum().cast(batch.wide)]));
  },
  result: ([total, n]) => Math.exp((total as number) / (n as number)),
});

export interface CalibrationErrorOptions {
  /** Bins of equal width. */
  readonly bins: number;
  /** Whether bins count by how full they are, or only the worst one counts. */
  readonly norm: "mean" | "max";
}

/**
 * How far confidence is from accuracy: predictions go into bins of confidence, and the differences of their mean confidence and accuracy
 * are averaged (Guo et al., "On calibration of modern neural networks", 2017). Of probabilities [..., classes] the largest is the
 * confidence; of [n] probabilities of true it is these themselves.
 *
 * @throws ArgumentError for options that make no sense.
 * @example new CalibrationError({ bins: 10 })
 */
export const CalibrationError = defineMetric<CalibrationErrorOptions, number>({
  name: "CalibrationError",
  defaults: { bins: 15, norm: "mean" },
  check: ({ bins, norm }) => {
    if (!Number.isInteger(bins) || bins < 1) {
      throw new ArgumentError("CalibrationError", `bins is a whole number >= 1, got ${bins}`);
    }
    if (norm !== "mean" && norm !== "max") {
      throw new ArgumentError("CalibrationError", `norm is one of mean, max, got ${String(norm)}`);
    }
  },
  start: ({ predictions: { device }, wide }, { bins }) => zeros([3, bins], { dtype: wide, device }),
  update: (state, batch, { bins }) => {
    const { confidence, right } = confidenceOf(batch);
    const at = arange(bins, undefined, 1, { device: state.device, dtype: "int32" });
    const bin = clamp(ceil(confidence.mul(bins)).sub(1), 0, bins - 1).cast("int32");
    const inBin = bin.unsqueeze(-1).equal(at).cast(state.dtype);
    const rows = [inBin, inBin.mul(confidence.unsqueeze(-1)), inBin.mul(right.cast(state.dtype).unsqueeze(-1))];
    return state.add(stack(rows.map((row) => row.sum(0))));
  },
  result: (state, { bins, norm }) => {
    const n = state.slice(0, bins).reduce((sum, x) => sum + x, 0);
    const gaps = Array.from({ length: bins }, (_, i) =>
      Math.abs((state[bins + i] as number) - (state[2 * bins + i] as number)),
    );
    if (norm === "mean") return gaps.reduce((sum, gap) => sum + gap, 0) / n;
    return Math.max(...gaps.map((gap, i) => (gap === 0 ? 0 : gap / (state[i] as number))));
  },
});

const confidenceOf = (batch: Batch): { readonly confidence: Tensor; readonly right: Tensor } => {
  const { predictions, targets, wide } = batch;
  if (hasScores(batch) || (predictions.rank > 1 && (predictions.shape.at(-1) as number) > 1)) {
    const { scores, labels } = scoresAndLabels(batch);
    return { confidence: scores.max(-1).cast(wide).flatten(), right: scores.argmax(-1).equal(labels).flatten() };
  }
  requireSameShape(batch);
  return { confidence: predictions.cast(wide).flatten(), right: asLabels(targets).equal(1).flatten() };
};
