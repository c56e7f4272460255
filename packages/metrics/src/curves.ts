/** Scores of samples and whether each belongs to the class. */
export interface Scored {
  readonly scores: Float64Array;
  readonly isTrue: Uint8Array;
}

/** Samples that a threshold takes, for each score from the highest down: false ones and true ones. */
interface Steps {
  readonly falses: readonly number[];
  readonly trues: readonly number[];
  readonly thresholds: readonly number[];
}

const stepsOf = ({ scores, isTrue }: Scored): Steps => {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number));
  const [falses, trues, thresholds]: [number[], number[], number[]] = [[], [], []];
  let [f, t] = [0, 0];
  order.forEach((sample, i) => {
    if (isTrue[sample]) t++;
    else f++;
    const score = scores[sample] as number;
    if (i + 1 < order.length && scores[order[i + 1] as number] === score) return;
    falses.push(f);
    trues.push(t);
    thresholds.push(score);
  });
  return { falses, trues, thresholds };
};

/** Receiver operating characteristic: rates of false and of true samples that score at least each threshold. */
export interface Roc {
  readonly falsePositiveRate: readonly number[];
  readonly truePositiveRate: readonly number[];
  readonly thresholds: readonly number[];
}

/** The curve from (0, 0) to (1, 1); rates are NaN where a class is missing. Points within straight lines are left out on demand. */
export const rocOf = (scored: Scored, dropIntermediate: boolean): Roc => {
  const { falses, trues, thresholds } = stepsOf(scored);
  const n = falses.length;
  const bends = (list: readonly number[], i: number): boolean =>
    (list[i + 1] as number) - 2 * (list[i] as number) + (list[i - 1] as number) !== 0;
  const kept = falses
    .map((_, i) => i)
    .filter((i) => !dropIntermediate || n < 3 || i === 0 || i === n - 1 || bends(falses, i) || bends(trues, i));
  const rates = (list: readonly number[]): number[] => {
    const all = list[n - 1] as number;
    return [0, ...kept.map((i) => list[i] as number)].map((x) => (all === 0 ? Number.NaN : x / all));
  };
  return {
    falsePositiveRate: rates(falses),
    truePositiveRate: rates(trues),
    thresholds: [Number.POSITIVE_INFINITY, ...kept.map((i) => thresholds[i] as number)],
  };
};

/** The area under a curve through points, by trapezoids. */
export const areaUnder = (x: readonly number[], y: readonly number[]): number => {
  let area = 0;
  for (let i = 1; i < x.length; i++) {
    area += (((x[i] as number) - (x[i - 1] as number)) * ((y[i] as number) + (y[i - 1] as number))) / 2;
  }
  return area;
};

/** Precision and recall of what scores at least each threshold, from the lowest threshold up; then the point (1, 0). */
export interface PrecisionRecall {
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly thresholds: readonly number[];
}

/** Recall is 1 everywhere without true samples. */
export const precisionRecallOf = (scored: Scored): PrecisionRecall => {
  const { falses, trues, thresholds } = stepsOf(scored);
  const all = trues.at(-1) as number;
  const precision = trues.map((t, i) => t / (t + (falses[i] as number)));
  const recall = trues.map((t) => (all === 0 ? 1 : t / all));
  return {
    precision: [...precision.reverse(), 1],
    recall: [...recall.reverse(), 0],
    thresholds: [...thresholds].reverse(),
  };
};

/** `Σ (R_i - R_(i-1)) P_i` over thresholds from the highest down; 0 without true samples. */
export const averagePrecisionOf = (scored: Scored): number => {
  if (!scored.isTrue.includes(1)) return 0;
  const { precision, recall } = precisionRecallOf(scored);
  let sum = 0;
  for (let i = 1; i < recall.length; i++) {
    sum += ((recall[i - 1] as number) - (recall[i] as number)) * (precision[i - 1] as number);
  }
  return sum;
};

/** The area under the ROC curve; NaN where a class is missing. */
export const rocAreaOf = (scored: Scored): number => {
  const { falsePositiveRate, truePositiveRate } = rocOf(scored, false);
  return areaUnder(falsePositiveRate, truePositiveRate);
};
