import { ArgumentError } from "@gradloom/tensor";
import { formatNumber } from "../callbacks/output.ts";
import type { History } from "../history.ts";
import { namesIn } from "../history.ts";
import { confusionOf } from "./confusion.ts";
import type { Picture } from "./picture.ts";
import { pictureUrl } from "./picture.ts";
import { confusionChart, curve, painter, timings } from "./plots.ts";

export interface ReportOptions {
  readonly title?: string;
  /** Lines of a table at the top: the model, the device, the accuracy. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** Classes of test samples, and what the model takes them for. */
  readonly targets?: ArrayLike<number>;
  readonly predicted?: ArrayLike<number>;
  /** Names of the classes: as many as there are. */
  readonly classes?: readonly string[];
  /** Pictures of some of the samples. */
  readonly pictures?: readonly Picture[];
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c] as string);

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;font-variant-numeric:tabular-nums}
.charts,.pictures{display:flex;flex-wrap:wrap;gap:1rem;margin-top:1.5rem}figure{margin:0;width:90px;text-align:center;font-size:13px;line-height:1.25}
.pictures img{width:84px;height:84px;image-rendering:pixelated;object-fit:contain}.wrong{color:#b00020}`;

const table = (rows: readonly (readonly [string, string])[]): string =>
  `<table>${rows.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join("")}</table>`;

/**
 * One HTML file about a training run that needs no other: curves of loss and metrics, timings, a confusion matrix, pictures with
 * predictions. Drawn by the optional packages `vega` and `vega-lite`.
 *
 * @throws UnsupportedError when those are not installed; ArgumentError for predictions that do not fit.
 * @example await writeFile("report.html", await htmlReport(history, { title: "Digits", targets, predicted, classes }));
 */
export const htmlReport = async (history: History, options: ReportOptions = {}): Promise<string> => {
  const { title = "Training", facts = {}, targets, predicted, pictures = [] } = options;
  const paint = await painter();
  const { epochs: records, seconds, stopped } = history;
  const samples = records.reduce((sum, record) => sum + record.samples, 0);
  const training = records.reduce((sum, record) => sum + record.seconds, 0);
  const rows: [string, string][] = [
    ...Object.entries(facts).map(([name, value]): [string, string] => [
      name,
      typeof value === "number" && !Number.isInteger(value) ? formatNumber(value) : String(value),
    ]),
    ["epochs", String(records.length)],
    ["seconds", formatNumber(seconds)],
    ["samples per second", String(Math.round(samples / Math.max(training, 1e-9)))],
    ...(stopped === undefined ? [] : [["stopped", stopped] satisfies [string, string]]),
  ];
  const names = [...new Set(records.flatMap(namesIn).map((name) => name.replace(/^validation\./, "")))];
  const specs = records.length === 0 ? [] : [...names.map((name) => curve(records, name)), timings(records)];
  const sections = [`<div class="charts">${(await Promise.all(specs.map(paint))).join("\n")}</div>`];
  if (targets !== undefined && predicted !== undefined) {
    const count = options.classes?.length ?? 1 + Math.max(0, ...Array.from(targets), ...Array.from(predicted));
    const classes = options.classes ?? Array.from({ length: count }, (_, i) => String(i));
    const chart = await paint(confusionChart(confusionOf(targets, predicted, count), classes));
    sections.push(`<h2>Confusion matrix of ${targets.length} samples</h2>${chart}`);
    const figures = pictures.map((picture, i) => {
      const { sample = i } = picture;
      const [is, taken] = [targets[sample], predicted[sample]];
      if (is === undefined || taken === undefined) {
        throw new ArgumentError("htmlReport", `a picture shows sample ${sample}, there are ${targets.length}`);
      }
      const said = escape(is === taken ? (classes[is] as string) : `${classes[is]} taken for ${classes[taken]}`);
      const caption = `<figcaption${is === taken ? "" : ' class="wrong"'}>${said}</figcaption>`;
      return `<figure><img alt="${said}" src="${pictureUrl(picture)}">${caption}</figure>`;
    });
    if (figures.length > 0) sections.push(`<h2>Samples</h2><div class="pictures">${figures.join("")}</div>`);
  }
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style></head>
<body><h1>${escape(title)}</h1>${table(rows)}
${sections.join("\n")}
</body></html>
`;
};
