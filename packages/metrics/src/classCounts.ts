import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, arange, stack, zeros } from "@gradloom/tensor";
import type { Batch, ClassOptions } from "./batch.ts";
import { checkClasses, classDefaults, labelsOf } from "./batch.ts";
import type { MetricClass } from "./Metric.ts";
import { defineMetric } from "./Metric.ts";

/** Numbers of elements of each class. */
export interface ClassCounts {
  /** Predicted and true. */
  readonly hits: readonly number[];
  readonly predicted: readonly number[];
  readonly actual: readonly number[];
  readonly total: number;
}

export interface AverageOptions extends ClassOptions {
  /**
   * What becomes of the classes' values: that of the second of two classes ("binary"), that of all elements taken together ("micro"),
   * their mean ("macro"), their mean by frequency ("weighted"), or a list ("none"). "binary" for two classes, else "macro".
   */
  readonly average: "binary" | "micro" | "macro" | "weighted" | "none" | null;
  /** The value where nothing can be divided by; NaN leaves a class out of means. */
  readonly zeroDivision: number;
}

const averages = ["binary", "micro", "macro", "weighted", "none"];

const averageDefaults: AverageOptions = { ...classDefaults, average: null, zeroDivision: 0 };

const checkAverage = (op: string, options: AverageOptions): void => {
  checkClasses(op, options);
  const { average, classes } = options;
  if (average !== null && !averages.includes(average)) {
    throw new ArgumentError(op, `average is one of ${averages.join(", ")}, got ${String(average)}`);
  }
  if (average === "binary" && classes !== 2) {
    throw new ArgumentError(op, `the average "binary" is for two classes, got ${classes}`, 'use "macro"');
  }
};

/** Counts per class, as rows hits, predicted, actual. Targets that are no class count for nothing. */
const countClasses = (state: Tensor, batch: Batch, options: AverageOptions): Tensor => {
  const { p, t } = labelsOf(batch, options);
  const classes = arange(options.classes, undefined, 1, { dtype: "int32", device: p.device });
  const known = t.greaterEqual(0).logicalAnd(t.less(options.classes)).unsqueeze(-1);
  const isPredicted = p.unsqueeze(-1).equal(classes).logicalAnd(known);
  const isActual = t.unsqueeze(-1).equal(classes);
  const rows = [isPredicted.logicalAnd(isActual), isPredicted, isActual].map((row) => row.sum(0));
  return state.add(stack(rows));
};

const countsIn = (state: readonly number[], classes: number): ClassCounts => {
  const row = (i: number): number[] => state.slice(i * classes, (i + 1) * classes);
  const actual = row(2);
  return { hits: row(0), predicted: row(1), actual, total: actual.reduce((sum, n) => sum + n, 0) };
};

/** Numerator and denominator of class `k`. */
export type ClassRatio<O> = (counts: ClassCounts, k: number, options: O) => readonly [number, number];

const sum = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0);

const averaged = <O extends AverageOptions>(
  counts: ClassCounts,
  ratio: ClassRatio<O>,
  options: O,
): number | readonly number[] => {
  const { classes, average, zeroDivision } = options;
  const divide = ([numerator, denominator]: readonly [number, number]): number =>
    denominator === 0 ? zeroDivision : numerator / denominator;
  const all = Array.from({ length: classes }, (_, k) => k);
  const values = all.map((k) => divide(ratio(counts, k, options)));
  switch (average ?? (classes === 2 ? "binary" : "macro")) {
    case "none":
      return values;
    case "binary":
      return values[1] as number;
    case "micro": {
      const parts = all.map((k) => ratio(counts, k, options));
      return divide([sum(parts.map(([n]) => n)), sum(parts.map(([, d]) => d))]);
    }
    default: {
      // Classes that neither occur nor are predicted have no say.
      const present = all.filter(
        (k) => (counts.actual[k] as number) + (counts.predicted[k] as number) > 0 && !Number.isNaN(values[k]),
      );
      const weights = present.map((k) => (average === "weighted" ? (counts.actual[k] as number) : 1));
      const weighted = present.map((k, i) => (weights[i] as number) * (values[k] as number));
      return divide([sum(weighted), sum(weights)]);
    }
  }
};

/** A metric that divides counts of each class. */
export const classRatio = <O extends AverageOptions = AverageOptions>(
  name: string,
  ratio: ClassRatio<O>,
  extra: Omit<O, keyof AverageOptions> = {} as Omit<O, keyof AverageOptions>,
  check?: (options: O) => void,
): MetricClass<O, number | readonly number[]> =>
  defineMetric<O, number | readonly number[]>({
    name,
    defaults: { ...averageDefaults, ...extra } as O,
    check: (options) => {
      checkAverage(name, options);
      check?.(options);
    },
    start: ({ predictions: { device } }, { classes }) => zeros([3, classes], { dtype: "int32", device }),
    update: countClasses,
    result: (state, options) => averaged(countsIn(state, options.classes), ratio, options),
  });
