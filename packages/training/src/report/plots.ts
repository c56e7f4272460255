import { UnsupportedError } from "@gradloom/tensor";
import type { EpochRecord } from "../history.ts";
import { valueIn } from "../history.ts";

/** A chart in the words of Vega-Lite, whose types are not needed by those who do without it. */
export type Chart = Readonly<Record<string, unknown>>;

/** Draws charts: a Vega-Lite specification becomes SVG. @throws UnsupportedError where the optional packages are missing. */
export const painter = async (): Promise<(chart: Chart) => Promise<string>> => {
  try {
    const [vega, lite] = await Promise.all([import("vega"), import("vega-lite")]);
    return (chart) => new vega.View(vega.parse(lite.compile(chart as never).spec), { renderer: "none" }).toSVG();
  } catch (error) {
    throw new UnsupportedError(
      "htmlReport",
      `cannot load vega and vega-lite: ${(error as Error).message}`,
      "npm install vega vega-lite",
    );
  }
};

const base = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", background: "white" } as const;

/** Two charts of this size fit beside each other. */
const size = { width: 390, height: 220 } as const;

const parts = { field: "part", type: "nominal", title: null, legend: { orient: "bottom" } } as const;

/** A value of each epoch, of training and of validation. */
export const curve = (records: readonly EpochRecord[], name: string): Chart => ({
  ...base,
  title: name,
  ...size,
  data: {
    values: records.flatMap((record) =>
      ["training", "validation"].flatMap((part) => {
        const value = valueIn(record, `${part}.${name}`);
        return value === undefined ? [] : [{ epoch: record.epoch, part, value }];
      }),
    ),
  },
  mark: { type: "line", point: true },
  encoding: {
    x: { field: "epoch", type: "quantitative", axis: { tickMinStep: 1, format: "d" } },
    y: { field: "value", type: "quantitative", title: null, scale: { zero: false } },
    color: parts,
  },
});

/** Seconds of each epoch: computing, and waiting for data. */
export const timings = (records: readonly EpochRecord[]): Chart => ({
  ...base,
  title: "seconds per epoch",
  ...size,
  data: {
    values: records.flatMap(({ epoch, seconds, waiting }) => [
      { epoch, part: "computing", value: seconds * (1 - waiting) },
      { epoch, part: "waiting for data", value: seconds * waiting },
    ]),
  },
  mark: "bar",
  encoding: {
    x: { field: "epoch", type: "ordinal", axis: { labelAngle: 0, labelOverlap: true } },
    y: { field: "value", type: "quantitative", title: null },
    color: parts,
  },
});

/** Counts of a confusion matrix, shaded by their share of the row; without numbers where classes are many. */
export const confusionChart = (counts: readonly (readonly number[])[], names: readonly string[]): Chart => {
  const step = Math.max(6, Math.min(34, Math.floor(800 / names.length)));
  const labelAngle = names.every((name) => name.length <= 3) ? 0 : -45;
  const labelOverlap = step < 14;
  const numbers = {
    transform: [{ filter: "datum.count > 0" }],
    mark: { type: "text", fontSize: 10 },
    encoding: {
      text: { field: "count", type: "quantitative" },
      color: { condition: { test: "datum.share > 0.5", value: "white" }, value: "black" },
    },
  };
  const share = { field: "share", type: "quantitative", scale: { domain: [0, 1], scheme: "blues" }, legend: null };
  return {
    ...base,
    width: { step },
    height: { step },
    data: {
      values: counts.flatMap((row, i) => {
        const total = row.reduce((sum, n) => sum + n, 0);
        return row.map((count, j) => ({
          actual: names[i] ?? String(i),
          predicted: names[j] ?? String(j),
          count,
          share: total === 0 ? 0 : count / total,
        }));
      }),
    },
    encoding: {
      x: { field: "predicted", type: "nominal", sort: null, axis: { labelAngle, labelOverlap } },
      y: { field: "actual", type: "nominal", sort: null, axis: { labelOverlap } },
    },
    layer: [{ mark: "rect", encoding: { color: share } }, ...(step >= 20 ? [numbers] : [])],
  };
};
