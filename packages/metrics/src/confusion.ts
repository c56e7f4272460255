import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, bincount, where, zeros } from "@gradloom/tensor";
import type { Batch, ClassOptions } from "./batch.ts";
import { checkClasses, classDefaults, labelsOf } from "./batch.ts";
import type { MetricClass } from "./Metric.ts";
import { defineMetric } from "./Metric.ts";

type Matrix = readonly (readonly number[])[];

const start = ({ predictions: { device } }: Batch, { classes }: ClassOptions): Tensor =>
  zeros([classes, classes], { dtype: "int32", device });

/** Adds up how often each class (row) was predicted as each (column). Labels that are no class count for nothing. */
const update = (state: Tensor, batch: Batch, options: ClassOptions): Tensor => {
  const { classes } = options;
  const { p, t } = labelsOf(batch, options);
  const known = [p, t].map((x) => x.greaterEqual(0).logicalAnd(x.less(classes)));
  const cell = where((known[0] as Tensor).logicalAnd(known[1] as Tensor), t.mul(classes).add(p), classes ** 2);
  return state.add(bincount(cell, classes ** 2).reshape([classes, classes]));
};

const matrixIn = (state: readonly number[], classes: number): Matrix =>
  Array.from({ length: classes }, (_, i) => state.slice(i * classes, (i + 1) * classes));

const sum = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0);

const columnSums = (matrix: Matrix): number[] => matrix.map((_, j) => sum(matrix.map((row) => row[j] as number)));

/** A metric that is worked out from the confusion matrix. */
const ofMatrix = <O extends ClassOptions, R>(
  name: string,
  extra: Omit<O, keyof ClassOptions>,
  result: (matrix: Matrix, options: O) => R,
  check?: (options: O) => void,
): MetricClass<O, R> =>
  defineMetric<O, R>({
    name,
    defaults: { ...classDefaults, ...extra } as O,
    check: (options) => {
      checkClasses(name, options);
      check?.(options);
    },
    start,
    update,
    result: (state, options) => result(matrixIn(state, options.classes), options),
  });

const requireOneOf = (op: string, option: string, value: string, allowed: readonly string[]): void => {
  if (!allowed.includes(value)) {
    throw new ArgumentError(op, `${option} is one of ${allowed.join(", ")}, got ${String(value)}`);
  }
};

export interface ConfusionMatrixOptions extends ClassOptions {
  /** What counts are divided by: nothing, their row (targets), their column (predictions), or all. */
  readonly normalize: "none" | "targets" | "predictions" | "all";
}

/**
 * How often each class (row) was predicted as each class (column).
 *
 * @throws ArgumentError for options that make no sense.
 * @example const matrix = new ConfusionMatrix({ classes: 10 }); matrix.update(logits, labels); await matrix.result();
 */
export const ConfusionMatrix = ofMatrix<ConfusionMatrixOptions, Matrix>(
  "ConfusionMatrix",
  { normalize: "none" },
  (matrix, { normalize }) => {
    const columns = columnSums(matrix);
    const all = sum(columns);
    return matrix.map((row) =>
      row.map((n, j) => {
        const by = { none: 1, targets: sum(row), predictions: columns[j] as number, all }[normalize];
        return by === 0 ? 0 : n / by;
      }),
    );
  },
  ({ normalize }) => {
    requireOneOf("ConfusionMatrix", "normalize", normalize, ["none", "targets", "predictions", "all"]);
  },
);

export interface CohenKappaOptions extends ClassOptions {
  /** How much worse distant classes are than neighbours. */
  readonly weights: "none" | "linear" | "quadratic";
}

/** Agreement beyond chance, 1 at most (Cohen, 1960): `1 - Σ w observed / Σ w expected` with w = 0 on the diagonal. */
export const CohenKappa = ofMatrix<CohenKappaOptions, number>(
  "CohenKappa",
  { weights: "none" },
  (matrix, { weights }) => {
    const [rows, columns] = [matrix.map(sum), columnSums(matrix)];
    const all = sum(columns);
    let [observed, expected] = [0, 0];
    matrix.forEach((row, i) => {
      row.forEach((n, j) => {
        const w = weights === "none" ? Number(i !== j) : Math.abs(i - j) ** (weights === "linear" ? 1 : 2);
        observed += w * n;
        expected += (w * (rows[i] as number) * (columns[j] as number)) / all;
      });
    });
    return 1 - observed / expected;
  },
  ({ weights }) => requireOneOf("CohenKappa", "weights", weights, ["none", "linear", "quadratic"]),
);

/** The correlation of predicted and true classes, in [-1, 1] (Matthews, 1975; Gorodkin, 2004); 0 where one of them never varies. */
export const MatthewsCorrelation = ofMatrix<ClassOptions, number>("MatthewsCorrelation", {}, (matrix) => {
  const [rows, columns] = [matrix.map(sum), columnSums(matrix)];
  const all = sum(columns);
  const right = sum(matrix.map((row, i) => row[i] as number));
  const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * (b[i] as number)));
  const variance = (all ** 2 - dot(rows, rows)) * (all ** 2 - dot(columns, columns));
  return variance === 0 ? 0 : (right * all - dot(rows, columns)) / Math.sqrt(variance);
});
