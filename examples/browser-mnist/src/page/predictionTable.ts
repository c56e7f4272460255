import type { Prediction } from "../messages.ts";
import { best, percent } from "./format.ts";
import { paintPixels } from "./paintPixels.ts";

const cell = (...content: (string | HTMLElement)[]): HTMLTableCellElement => {
  const result = document.createElement("td");
  result.append(...content);
  return result;
};

const element = (tag: string, className: string, text = ""): HTMLElement =>
  Object.assign(document.createElement(tag), { className, textContent: text });

const rowOf = ({ pixels, label, probabilities }: Prediction): HTMLTableRowElement => {
  const answer = best(probabilities);
  const probability = probabilities[answer] as number;
  const image = Object.assign(document.createElement("canvas"), { className: "thumbnail", width: 28, height: 28 });
  image.setAttribute("aria-label", `Image of a ${label}`);
  paintPixels(image, pixels);
  const bar = element("span", "bar");
  bar.style.setProperty("--share", `${probability}`);
  const share = element("div", "probability");
  share.append(bar, element("span", "", percent(probability)));
  const right = answer === label;
  const mark = element("span", right ? "right" : "wrong", right ? "✓" : "✗");
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", right ? "right" : "wrong");
  const row = document.createElement("tr");
  row.dataset.right = `${right}`;
  row.append(cell(image), cell(`${label}`), cell(`${answer}`), cell(share), cell(mark));
  return row;
};

/** The table of test images; `score` gets a sentence about it. */
export const predictionTable = (body: HTMLElement, score: HTMLElement) => ({
  show: (predictions: readonly Prediction[]): void => {
    body.replaceChildren(...predictions.map(rowOf));
    const right = predictions.filter(({ label, probabilities }) => best(probabilities) === label).length;
    score.textContent = `${right} of these ${predictions.length} are right.`;
  },
});
