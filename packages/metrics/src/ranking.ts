import { ArgumentError, formatShape, ShapeError, sameShape } from "@gradloom/tensor";
import type { Batch } from "./batch.ts";
import { asLabels, batchOf, hasScores } from "./batch.ts";
import type { PrecisionRecall, Roc, Scored } from "./curves.ts";
import { averagePrecisionOf, precisionRecallOf, rocAreaOf, rocOf } from "./curves.ts";
import type { Metric, Values } from "./Metric.ts";
import { complete, named } from "./Metric.ts";

/** How a metric that looks at the order of all scores works. */
interface RankingRule<O extends object, R> {
  readonly name: string;
  readonly defaults: O;
  readonly check?: (options: O) => void;
  /** Whether there may be several columns of scores, one per class. */
  readonly columns: boolean;
  readonly result: (columns: readonly Scored[], options: O) => R;
}

interface Chunk {
  readonly columns: number;
  readonly scores: readonly number[];
  /** Whether each sample belongs to the class of each column. */
  readonly isTrue: readonly boolean[];
}

/**
 * A metric that needs all scores at once: it keeps them on the host, so taking in a batch reads it, and cannot be part of a compiled
 * step.
 */
export class RankingMetric<O extends object, R> implements Metric<R> {
  readonly name: string;
  readonly options: Readonly<O>;
  readonly #rule: RankingRule<O, R>;
  #chunks: Promise<Chunk>[] = [];

  constructor(rule: RankingRule<O, R>, given: Partial<O>) {
    this.name = rule.name;
    this.options = complete(rule.name, rule.defaults, given);
    rule.check?.(this.options);
    this.#rule = rule;
  }

  /**
   * @param predictions Scores [n], or [n, classes] where the metric takes several classes.
   * @param targets 0 or 1 [n]; of several classes labels [n] or truth values [n, classes].
   * @throws ShapeError when they do not fit.
   */
  update(predictions: Values, targets: Values): Promise<void> {
    const batch = batchOf(this.name, predictions, targets);
    this.#requireShapes(batch);
    const chunk = readChunk(batch);
    this.#chunks.push(chunk);
    return chunk.then(() => undefined);
  }

  /** @throws ArgumentError before the first batch; ShapeError when batches had different numbers of classes. */
  async result(): Promise<R> {
    const chunks = await Promise.all(this.#chunks);
    const { columns } = chunks[0] ?? { columns: 0 };
    if (columns === 0) throw new ArgumentError(this.name, "has seen no batch", "call update first");
    const other = chunks.find((chunk) => chunk.columns !== columns);
    if (other !== undefined) {
      throw new ShapeError(this.name, `batches differ in classes, got ${columns} and ${other.columns}`);
    }
    const scored = Array.from({ length: columns }, (_, k): Scored => {
      const every = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % columns === k);
      return {
        scores: Float64Array.from(chunks.flatMap(({ scores }) => every(scores))),
        isTrue: Uint8Array.from(chunks.flatMap(({ isTrue }) => every(isTrue).map(Number))),
      };
    });
    return this.#rule.result(scored, this.options);
  }

  reset(): void {
    this.#chunks = [];
  }

  #requireShapes(batch: Batch): void {
    const { predictions, targets } = batch;
    const several = predictions.rank === 2 && this.#rule.columns;
    if ((predictions.rank === 1 || several) && sameShape(predictions.shape, targets.shape)) return;
    if (several && hasScores(batch)) return;
    const form = this.#rule.columns ? "[n], or [n, classes] with labels [n] or truth values [n, classes]" : "[n]";
    throw new ShapeError(
      this.name,
      `takes scores and targets ${form}, got ${formatShape(predictions.shape)} and ${formatShape(targets.shape)}`,
    );
  }
}

const readChunk = async (batch: Batch): Promise<Chunk> => {
  const { op, predictions, targets, wide } = batch;
  const columns = predictions.rank === 1 ? 1 : (predictions.shape[1] as number);
  const scores = [...(await predictions.cast(wide).data())].map(Number);
  if (scores.some(Number.isNaN)) throw new ArgumentError(op, "scores are numbers, got NaN");
  const labels = [...(await asLabels(targets).data())].map(Number);
  const isTrue = hasScores(batch)
    ? scores.map((_, i) => labels[Math.floor(i / columns)] === i % columns)
    : labels.map((label) => label !== 0);
  return { columns, scores, isTrue };
};

/** A ranking metric as a class. */
export type RankingClass<O extends object, R> = new (options?: Partial<O>) => RankingMetric<O, R>;

const defineRanking = <O extends object, R>(rule: RankingRule<O, R>): RankingClass<O, R> =>
  named(rule.name, function construct(given: Partial<O> = {}) {
    return new RankingMetric(rule, given);
  });

export interface RocCurveOptions {
  /** Leaves out points within straight lines, as scikit-learn does. */
  readonly dropIntermediate: boolean;
}

/**
 * The receiver operating characteristic of scores [n] for targets 0 and 1.
 *
 * @example const roc = new RocCurve(); await roc.update(scores, targets); const { falsePositiveRate } = await roc.result();
 */
export const RocCurve = defineRanking<RocCurveOptions, Roc>({
  name: "RocCurve",
  defaults: { dropIntermediate: true },
  columns: false,
  result: ([scored], { dropIntermediate }) => rocOf(scored as Scored, dropIntermediate),
});

/** Precision and recall of scores [n] for targets 0 and 1 at every threshold. */
export const PrecisionRecallCurve = defineRanking<object, PrecisionRecall>({
  name: "PrecisionRecallCurve",
  defaults: {},
  columns: false,
  result: ([scored]) => precisionRecallOf(scored as Scored),
});

export interface RankingAverageOptions {
  /** What becomes of the values of several classes: their mean, their mean by frequency, or a list. */
  readonly average: "macro" | "weighted" | "none";
}

/** A number per class, each against the rest, and what becomes of them. */
const perClass = (
  name: string,
  value: (scored: Scored) => number,
): RankingClass<RankingAverageOptions, number | readonly number[]> =>
  defineRanking<RankingAverageOptions, number | readonly number[]>({
    name,
    defaults: { average: "macro" },
    check: ({ average }) => {
      if (!["macro", "weighted", "none"].includes(average)) {
        throw new ArgumentError(name, `average is one of macro, weighted, none, got ${String(average)}`);
      }
    },
    columns: true,
    result: (columns, { average }) => {
      const values = columns.map(value);
      if (columns.length === 1) return values[0] as number;
      if (average === "none") return values;
      const weights = columns.map(({ isTrue }) => (average === "weighted" ? isTrue.reduce((n, x) => n + x, 0) : 1));
      const total = weights.reduce((sum, w) => sum + w, 0);
      return values.reduce((sum, x, k) => sum + (x * (weights[k] as number)) / total, 0);
    },
  });

/** The area under the ROC curve, of several classes each against the rest; NaN where a class is missing. @example new AUC() */
export const AUC = perClass("AUC", rocAreaOf);

/** The average precision `Σ (R_i - R_(i-1)) P_i`, of several classes each against the rest. */
export const AveragePrecision = perClass("AveragePrecision", averagePrecisionOf);
