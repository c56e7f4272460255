import { readFileSync } from "node:fs";
import { createReferenceBackend } from "@gradloom/backend-reference";
import type { DType, TensorData } from "@gradloom/tensor";
import { compile, Tensor, tensor, useDevice } from "@gradloom/tensor";
import type * as metrics from "../src/index.ts";
import type { Metric, MetricClass, RankingClass, Values } from "../src/index.ts";
import {
  Accuracy,
  AUC,
  AveragePrecision,
  BinaryAccuracy,
  CalibrationError,
  CategoricalAccuracy,
  CohenKappa,
  ConfusionMatrix,
  ExplainedVariance,
  FBeta,
  IoU,
  LogLoss,
  MatthewsCorrelation,
  MeanAbsoluteError,
  MeanSquaredError,
  Perplexity,
  Precision,
  PrecisionRecallCurve,
  R2Score,
  Recall,
  RocCurve,
  RootMeanSquaredError,
  SparseCategoricalAccuracy,
  Specificity,
  TopKAccuracy,
} from "../src/index.ts";

type List = readonly number[];
type Table = readonly List[];

const stored = JSON.parse(readFileSync(`${__dirname}/fixtures/sklearn.json`, "utf8")) as {
  binary: { targets: List; scores: List };
  targets: List;
  labels: List;
  oneHot: Table;
  probabilities: Table;
  tied: Table;
  truth: Table;
  estimate: Table;
  expected: Record<string, unknown>;
};

type Exports = typeof metrics;

/** Every exported metric: one without a row does not compile. */
type Name = {
  // biome-ignore lint/suspicious/noExplicitAny: any options and results
  [K in keyof Exports]: Exports[K] extends MetricClass<any, any> | RankingClass<any, any>
    ? K extends "StreamingMetric" | "RankingMetric"
      ? never
      : K
    : never;
}[keyof Exports];

interface Check {
  readonly make: () => Metric<unknown>;
  readonly predictions: readonly unknown[];
  readonly targets: readonly unknown[];
  /** Where in the stored results. */
  readonly expected: unknown;
}

interface Row {
  readonly checks: Readonly<Record<string, Check>>;
  readonly refused: readonly (readonly [attempt: () => unknown, message: string])[];
  /** Reads each batch, so that it cannot be part of a compiled step. */
  readonly reads?: boolean;
}

const { binary, targets, labels, oneHot, probabilities, tied, truth, estimate } = stored;

const expectedOf = (name: string, key?: string): unknown => {
  const entry = stored.expected[name];
  return key === undefined ? entry : (entry as Record<string, unknown>)[key];
};

const several = (
  name: Name,
  keys: readonly string[],
  make: (key: string) => Metric<unknown>,
  predictions: readonly unknown[],
  against: readonly unknown[],
): Record<string, Check> =>
  Object.fromEntries(
    keys.map((key) => [key, { make: () => make(key), predictions, targets: against, expected: expectedOf(name, key) }]),
  );

const averages = ["micro", "macro", "weighted", "none"] as const;

type Average = (typeof averages)[number];

/** Metrics of counts per class: from labels, scores, and probabilities of two classes. */
const ofClasses = (
  name: "Precision" | "Recall" | "FBeta" | "Specificity" | "IoU",
  make: (options: { classes?: number; average?: Average }) => Metric<unknown>,
  refused: Row["refused"] = [],
): Row => ({
  checks: {
    ...several(name, ["binary"], () => make({}), binary.scores, binary.targets),
    ...several(name, averages, (average) => make({ classes: 4, average: average as Average }), labels, targets),
    "from scores": {
      make: () => make({ classes: 4 }),
      predictions: probabilities,
      targets,
      expected: expectedOf(name, "macro"),
    },
    "from one-hot targets": {
      make: () => make({ classes: 4 }),
      predictions: probabilities,
      targets: oneHot,
      expected: expectedOf(name, "macro"),
    },
  },
  refused: [
    [() => make({ classes: 1 }), `[${name}] classes is a whole number >= 2, got 1`],
    [
      () => make({ average: "mean" as "macro" }),
      `[${name}] average is one of binary, micro, macro, weighted, none, got mean`,
    ],
    [
      () => make({ classes: 3, average: "binary" as "macro" }),
      `[${name}] the average "binary" is for two classes, got 3; use "macro"`,
    ],
    [
      () => make({ classes: 3 }).update(probabilities as TensorData, targets),
      `[${name}] has 3 classes, got scores [90,4]; set { classes }`,
    ],
    [() => make({}).update([1, 0], [1]), `[${name}] needs one target per prediction, got [2] and [1]`],
    ...refused,
  ],
});

const regression = (name: "R2Score" | "ExplainedVariance", make: typeof R2Score): Row => ({
  checks: {
    ...several(
      name,
      ["uniform", "variance", "none"],
      (average) => new make({ average: average as "none" }),
      estimate,
      truth,
    ),
    ...several(name, ["single"], () => new make(), column(estimate, 1), column(truth, 1)),
  },
  refused: [
    [() => new make({ average: "mean" as "none" }), `[${name}] average is one of uniform, variance, none, got mean`],
    [() => new make().update([1, 2], [1]), `[${name}] needs one target per prediction, got [2] and [1]`],
  ],
});

const column = (table: Table, j: number): List => table.map((row) => row[j] as number);

const single = (name: Name, make: () => Metric<unknown>, p: readonly unknown[], t: readonly unknown[]): Check => ({
  make,
  predictions: p,
  targets: t,
  expected: expectedOf(name),
});

const scoresMessage = (name: string, got: string): string =>
  `[${name}] takes scores [..., classes] and labels [...] or one-hot [..., classes], got ${got}`;

const rankingMessage = (name: string, got: string): string =>
  `[${name}] takes scores and targets [n], or [n, classes] with labels [n] or truth values [n, classes], got ${got}`;

const ofRanking = (name: "AUC" | "AveragePrecision", make: typeof AUC): Row => ({
  reads: true,
  checks: {
    ...several(name, ["binary"], () => new make(), binary.scores, binary.targets),
    ...several(
      name,
      ["macro", "weighted", "none"],
      (average) => new make({ average: average as "none" }),
      probabilities,
      targets,
    ),
    "several truth values": {
      make: () => new make({ average: "none" }),
      predictions: probabilities,
      targets: oneHot,
      expected: expectedOf(name, "none"),
    },
  },
  refused: [
    [() => new make({ average: "micro" as "none" }), `[${name}] average is one of macro, weighted, none, got micro`],
    [() => new make().update([1, 2], [1]), rankingMessage(name, "[2] and [1]")],
  ],
});

const rows: { readonly [N in Name]: Row } = {
  BinaryAccuracy: {
    checks: {
      probabilities: single("BinaryAccuracy", () => new BinaryAccuracy(), binary.scores, binary.targets),
      "another threshold": {
        make: () => new BinaryAccuracy({ threshold: 2 }),
        predictions: binary.scores,
        targets: binary.targets,
        expected: binary.targets.filter((t) => t === 0).length / binary.targets.length,
      },
    },
    refused: [
      [
        () => new BinaryAccuracy().update([1, 2], [1]),
        "[BinaryAccuracy] needs one target per prediction, got [2] and [1]",
      ],
      [() => new BinaryAccuracy().update([], []), "[BinaryAccuracy] takes at least one prediction, got [0]"],
      [() => new BinaryAccuracy({ cut: 1 } as object), "[BinaryAccuracy] has no option cut; use threshold"],
    ],
  },
  Accuracy: {
    checks: {
      labels: single("Accuracy", () => new Accuracy(), labels, targets),
      scores: single("Accuracy", () => new Accuracy(), probabilities, targets),
    },
    refused: [
      [() => new Accuracy().update([1, 2], [1]), "[Accuracy] needs one target per prediction, got [2] and [1]"],
    ],
  },
  CategoricalAccuracy: {
    checks: { "one-hot": single("CategoricalAccuracy", () => new CategoricalAccuracy(), probabilities, oneHot) },
    refused: [
      [
        () => new CategoricalAccuracy().update(probabilities as TensorData, targets),
        "[CategoricalAccuracy] needs one target per prediction, got [90,4] and [90]",
      ],
    ],
  },
  SparseCategoricalAccuracy: {
    checks: {
      labels: single("SparseCategoricalAccuracy", () => new SparseCategoricalAccuracy(), probabilities, targets),
    },
    refused: [
      [
        () => new SparseCategoricalAccuracy().update([1, 2], [[1]]),
        scoresMessage("SparseCategoricalAccuracy", "[2] and [1,1]"),
      ],
    ],
  },
  TopKAccuracy: {
    checks: several("TopKAccuracy", ["1", "2", "3"], (k) => new TopKAccuracy({ k: Number(k) }), tied, targets),
    refused: [
      [() => new TopKAccuracy({ k: 0 }), "[TopKAccuracy] k is a whole number >= 1, got 0"],
      [() => new TopKAccuracy().update([1, 2], [[1]]), scoresMessage("TopKAccuracy", "[2] and [1,1]")],
    ],
  },
  Precision: ofClasses("Precision", (options) => new Precision(options)),
  Recall: ofClasses("Recall", (options) => new Recall(options)),
  FBeta: ofClasses("FBeta", (options) => new FBeta({ beta: 0.5, ...options }), [
    [() => new FBeta({ beta: 0 }), "[FBeta] beta is a number > 0, got 0"],
  ]),
  Specificity: ofClasses("Specificity", (options) => new Specificity(options)),
  IoU: ofClasses("IoU", (options) => new IoU(options)),
  ConfusionMatrix: {
    checks: several(
      "ConfusionMatrix",
      ["none", "targets", "predictions", "all"],
      (normalize) => new ConfusionMatrix({ classes: 4, normalize: normalize as "all" }),
      labels,
      targets,
    ),
    refused: [
      [() => new ConfusionMatrix({ classes: 1 }), "[ConfusionMatrix] classes is a whole number >= 2, got 1"],
      [
        () => new ConfusionMatrix({ normalize: "rows" as "all" }),
        "[ConfusionMatrix] normalize is one of none, targets, predictions, all, got rows",
      ],
    ],
  },
  CohenKappa: {
    checks: several(
      "CohenKappa",
      ["none", "linear", "quadratic"],
      (weights) => new CohenKappa({ classes: 4, weights: weights as "none" }),
      labels,
      targets,
    ),
    refused: [
      [
        () => new CohenKappa({ weights: "cubic" as "none" }),
        "[CohenKappa] weights is one of none, linear, quadratic, got cubic",
      ],
    ],
  },
  MatthewsCorrelation: {
    checks: {
      ...several("MatthewsCorrelation", ["binary"], () => new MatthewsCorrelation(), binary.scores, binary.targets),
      ...several("MatthewsCorrelation", ["several"], () => new MatthewsCorrelation({ classes: 4 }), labels, targets),
    },
    refused: [
      [
        () => new MatthewsCorrelation({ classes: 1.5 }),
        "[MatthewsCorrelation] classes is a whole number >= 2, got 1.5",
      ],
    ],
  },
  LogLoss: {
    checks: {
      ...several("LogLoss", ["binary"], () => new LogLoss(), binary.scores, binary.targets),
      ...several("LogLoss", ["several"], () => new LogLoss(), probabilities, targets),
      "one-hot": {
        make: () => new LogLoss(),
        predictions: probabilities,
        targets: oneHot,
        expected: expectedOf("LogLoss", "several"),
      },
      logits: {
        make: () => new LogLoss({ fromLogits: true }),
        predictions: probabilities.map((row) => row.map(Math.log)),
        targets,
        expected: expectedOf("LogLoss", "several"),
      },
      "logits of true": {
        make: () => new LogLoss({ fromLogits: true }),
        predictions: binary.scores.map((p) => Math.log(p / (1 - p))),
        targets: binary.targets,
        expected: expectedOf("LogLoss", "binary"),
      },
      "probabilities 0 and 1": {
        make: () => new LogLoss(),
        predictions: [0, 1],
        targets: [0, 1],
        expected: 0,
      },
    },
    refused: [
      [() => new LogLoss().update([0.5], [1, 0]), "[LogLoss] needs one target per prediction, got [1] and [2]"],
    ],
  },
  Perplexity: {
    checks: {
      logits: single(
        "Perplexity",
        () => new Perplexity(),
        probabilities.map((row) => row.map(Math.log)),
        targets,
      ),
      probabilities: single("Perplexity", () => new Perplexity({ fromLogits: false }), probabilities, targets),
      "ignored tokens": {
        make: () => new Perplexity({ fromLogits: false, ignoreIndex: 9 }),
        predictions: [...probabilities, ...probabilities],
        targets: [...targets, ...targets.map(() => 9)],
        expected: expectedOf("Perplexity"),
      },
    },
    refused: [[() => new Perplexity().update([1, 2], [[1]]), scoresMessage("Perplexity", "[2] and [1,1]")]],
  },
  CalibrationError: {
    checks: {
      ...several(
        "CalibrationError",
        ["binary mean", "binary max"],
        (key) => new CalibrationError({ bins: 7, norm: key.split(" ")[1] as "max" }),
        binary.scores,
        binary.targets,
      ),
      ...several(
        "CalibrationError",
        ["several mean", "several max"],
        (key) => new CalibrationError({ bins: 10, norm: key.split(" ")[1] as "max" }),
        probabilities,
        targets,
      ),
    },
    refused: [
      [() => new CalibrationError({ bins: 0 }), "[CalibrationError] bins is a whole number >= 1, got 0"],
      [() => new CalibrationError({ norm: "l2" as "max" }), "[CalibrationError] norm is one of mean, max, got l2"],
    ],
  },
  MeanSquaredError: {
    checks: { table: single("MeanSquaredError", () => new MeanSquaredError(), estimate, truth) },
    refused: [
      [
        () => new MeanSquaredError().update([1, 2], [1]),
        "[MeanSquaredError] needs one target per prediction, got [2] and [1]",
      ],
    ],
  },
  RootMeanSquaredError: {
    checks: { table: single("RootMeanSquaredError", () => new RootMeanSquaredError(), estimate, truth) },
    refused: [
      [() => new RootMeanSquaredError({ squared: true } as object), "[RootMeanSquaredError] has no option squared"],
    ],
  },
  MeanAbsoluteError: {
    checks: { table: single("MeanAbsoluteError", () => new MeanAbsoluteError(), estimate, truth) },
    refused: [],
  },
  R2Score: regression("R2Score", R2Score),
  ExplainedVariance: regression("ExplainedVariance", ExplainedVariance),
  RocCurve: {
    reads: true,
    checks: several(
      "RocCurve",
      ["dropped", "all"],
      (key) => new RocCurve({ dropIntermediate: key === "dropped" }),
      binary.scores,
      binary.targets,
    ),
    refused: [
      [() => new RocCurve().update([[1]], [[1]]), "[RocCurve] takes scores and targets [n], got [1,1] and [1,1]"],
    ],
  },
  PrecisionRecallCurve: {
    reads: true,
    checks: { scores: single("PrecisionRecallCurve", () => new PrecisionRecallCurve(), binary.scores, binary.targets) },
    refused: [],
  },
  AUC: ofRanking("AUC", AUC),
  AveragePrecision: ofRanking("AveragePrecision", AveragePrecision),
};

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

/** Equal within a tolerance, in lists and objects; stored infinities are null. */
const expectClose = (found: unknown, expected: unknown, tolerance: number): void => {
  if (typeof expected === "number") {
    expect(typeof found).toBe("number");
    expect(Math.abs((found as number) - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)));
  } else if (expected === null) expect(found).toBe(Number.POSITIVE_INFINITY);
  else {
    expect(Object.keys(found as object)).toEqual(Object.keys(expected as object));
    for (const [key, value] of Object.entries(expected as object)) {
      expectClose((found as Record<string, unknown>)[key], value, tolerance);
    }
  }
};

/** The data in batches of unequal sizes. */
const batches = ({ predictions, targets: t }: Check, cuts: readonly number[]): [TensorData, TensorData][] => {
  const edges = [0, ...cuts.filter((cut) => cut < predictions.length), predictions.length];
  return edges
    .slice(1)
    .map((end, i) => [predictions.slice(edges[i], end) as TensorData, t.slice(edges[i], end) as TensorData]);
};

const run = async (check: Check, parts: readonly (readonly [Values, Values])[], metric = check.make()) => {
  for (const [p, t] of parts) await metric.update(p, t);
  return metric.result();
};

const asTensors = (parts: readonly (readonly [TensorData, TensorData])[], dtype: DType): [Tensor, Tensor][] =>
  parts.map(([p, t]) => [tensor(p, { dtype }), tensor(t, { dtype: Number.isInteger(firstOf(t)) ? "int32" : dtype })]);

const firstOf = (data: unknown): unknown => (Array.isArray(data) ? firstOf(data[0]) : data);

describe.each(Object.entries(rows))("%s", (name, { checks, refused, reads }) => {
  const cases = Object.entries(checks);

  test.each(cases)("as scikit-learn, from host arrays in one batch: %s", async (_, check) => {
    expectClose(await run(check, batches(check, [])), check.expected, 1e-12);
  });

  test.each(cases)("over batches as over the whole: %s", async (_, check) => {
    const metric = check.make();
    const parts = batches(check, [1, 40, 77]);
    expectClose(await run(check, parts, metric), check.expected, 1e-12);
    metric.reset();
    expectClose(await run(check, parts, metric), check.expected, 1e-12);
  });

  test.each(cases)("from float32 tensors: %s", async (_, check) => {
    expectClose(await run(check, asTensors(batches(check, [50]), "float32")), check.expected, 2e-5);
  });

  test("in compiled steps", async () => {
    const [[, check]] = cases as [[string, Check]];
    const metric = check.make();
    const step = compile((p: Tensor, t: Tensor): void => {
      void metric.update(p, t);
    });
    if (reads === true) return;
    for (const [p, t] of asTensors(batches(check, [30, 60]), "float64")) step(p, t);
    expectClose(await metric.result(), check.expected, 1e-12);
    const value = await (metric as unknown as { compute(): Promise<Tensor | number> }).compute();
    expectClose(value instanceof Tensor ? await value.array() : value, check.expected, 1e-6);
  });

  test("refuses what it cannot use", async () => {
    for (const [attempt, message] of refused) expect(attempt).toThrow(expect.objectContaining({ message }));
    const [[, check]] = cases as [[string, Check]];
    await expect(check.make().result()).rejects.toThrow(`[${name}] has seen no batch; call update first`);
  });
});

describe("at the edges", () => {
  test("classes that are nowhere do not count in means", async () => {
    const precision = new Precision({ classes: 5 });
    precision.update([0, 2, 2], [0, 2, 0]);
    // As sklearn.metrics.precision_score([0, 2, 0], [0, 2, 2], average="macro").
    expect(await precision.result()).toBeCloseTo(0.75, 12);
  });

  test("nothing to divide by gives zeroDivision", async () => {
    for (const zeroDivision of [0, 1, Number.NaN]) {
      const precision = new Precision({ zeroDivision });
      precision.update([0, 0], [1, 0]);
      expect(await precision.result()).toBe(zeroDivision);
    }
  });

  test("targets that are no class count for nothing", async () => {
    const [matrix, iou] = [new ConfusionMatrix({ classes: 2 }), new IoU({ classes: 2, average: "none" })];
    for (const metric of [matrix, iou]) metric.update(tensor([0, 1, 1], { dtype: "int32" }), [0, 255, -1]);
    expect(await matrix.result()).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(await iou.result()).toEqual([1, 0]);
  });

  test("one class only", async () => {
    const auc = new AUC();
    await auc.update([0.1, 0.9], [1, 1]);
    expect(await auc.result()).toBeNaN();
    const precision = new AveragePrecision();
    await precision.update([0.1, 0.9], [0, 0]);
    expect(await precision.result()).toBe(0);
    const correlation = new MatthewsCorrelation();
    correlation.update([1, 1], [1, 0]);
    expect(await correlation.result()).toBe(0);
  });

  test("one sample, and targets that never vary", async () => {
    const r2 = new R2Score();
    r2.update([1], [1]);
    expect(await r2.result()).toBeNaN();
    r2.update([1], [1]);
    expect(await r2.result()).toBe(1);
    r2.update([2], [1]);
    expect(await r2.result()).toBe(0);
  });

  test("large offsets cost no digits", async () => {
    const [variance, r2] = [new ExplainedVariance(), new R2Score()];
    for (let i = 0; i < 20; i++) {
      const [p, t] = [
        [1e6 + i, 1e6 + i + 1],
        [1e6 + i + 0.5, 1e6 + i + 1],
      ];
      variance.update(p as number[], t as number[]);
      r2.update(p as number[], t as number[]);
    }
    const [ts, ps] = [[] as number[], [] as number[]];
    for (let i = 0; i < 20; i++) {
      ps.push(i, i + 1);
      ts.push(i + 0.5, i + 1);
    }
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    const spread = (list: number[]) => mean(list.map((x) => (x - mean(list)) ** 2));
    const errors = ts.map((t, i) => t - (ps[i] as number));
    expect(await variance.result()).toBeCloseTo(1 - spread(errors) / spread(ts), 9);
    expect(await r2.result()).toBeCloseTo(1 - mean(errors.map((e) => e * e)) / spread(ts), 9);
  });

  test("perplexity of tokens in a table", async () => {
    const perplexity = new Perplexity();
    perplexity.update(
      tensor([
        [
          [0, 0],
          [0, 0],
        ],
      ]),
      tensor([[0, 1]], { dtype: "int32" }),
    );
    expect(await perplexity.result()).toBeCloseTo(2, 12);
  });

  test("ranking refuses batches of different numbers of classes, and NaN", async () => {
    const auc = new AUC();
    await auc.update([0.1, 0.2], [0, 1]);
    await auc.update(probabilities as TensorData, targets);
    await expect(auc.result()).rejects.toThrow("[AUC] batches differ in classes, got 1 and 4");
    await expect(new AUC().update([Number.NaN], [0])).rejects.toThrow("[AUC] scores are numbers, got NaN");
  });
});
