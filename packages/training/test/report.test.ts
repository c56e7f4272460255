import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { confusionOf } from "../src/report/confusion.ts";
import { pictureUrl } from "../src/report/picture.ts";

const root = `${__dirname}/../../..`;

/** Jest cannot load Vega, which is made of ES modules only: the report is written by Node itself. */
const written = (options: object): string => {
  const record = (epoch: number) => ({
    epoch,
    step: epoch,
    training: { loss: 1 / epoch, accuracy: 0.5 },
    validation: { loss: 2 / epoch, accuracy: 0.4 },
    learningRate: 0.1,
    samples: 100,
    seconds: 2,
    waiting: 0.25,
  });
  const history = { epochs: [record(1), record(2), record(3)], seconds: 7, stopped: undefined };
  const program = `
    const { htmlReport } = await import(${JSON.stringify(pathToFileURL(`${root}/packages/training/src/report/htmlReport.ts`).href)});
    process.stdout.write(await htmlReport(${JSON.stringify(history)}, ${JSON.stringify(options)}));`;
  return execFileSync(
    process.execPath,
    [fileURLToPath(pathToFileURL(`${root}/node_modules/tsx/dist/cli.mjs`)), "--input-type=module", "-e", program],
    { encoding: "utf8", cwd: root },
  );
};

test("the report holds curves, timings, confusion matrix and pictures in one file", () => {
  const html = written({
    title: "Cats & <dogs>",
    facts: { device: "cpu", accuracy: 0.987654 },
    targets: [0, 1, 1],
    predicted: [0, 1, 0],
    classes: ["cat", "dog"],
    pictures: [
      { data: [0, 1, 2, 3], shape: [2, 2, 1] },
      { data: [0, 1, 2, 3], shape: [2, 2, 1], sample: 2 },
    ],
  });
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain("<h1>Cats &amp; &lt;dogs&gt;</h1>");
  expect(html).toContain("<th>accuracy</th><td>0.9877</td>");
  expect(html.match(/<svg /g)).toHaveLength(4);
  for (const text of ["loss", "accuracy", "validation", "waiting for data", "predicted", "dog"]) {
    expect(html).toContain(`>${text}</text>`);
  }
  expect(html).toContain('<img alt="cat" src="data:image/bmp;base64,');
  expect(html).toContain('<figcaption class="wrong">dog taken for cat</figcaption>');
  expect(html).toContain("<h2>Confusion matrix of 3 samples</h2>");
  expect(html).not.toMatch(/<script|<link|src="http|url\(http/);
});

test("counts which class is taken for which", () => {
  expect(confusionOf([0, 1, 2, 2], [0, 2, 2, 1], 3)).toEqual([
    [1, 0, 0],
    [0, 0, 1],
    [0, 1, 1],
  ]);
  expect(() => confusionOf([0, 3], [0, 0], 3)).toThrow("classes are 0 to 2, got 3 and 0");
  expect(() => confusionOf([0], [], 3)).toThrow("needs a prediction per target, got 0 for 1");
});

test("pictures are BMP files: rows upwards, padded to 4 bytes, blue first", () => {
  const url = pictureUrl({ data: [0, 0, 255, 255, 0, 0], shape: [2, 1, 3] });
  const bytes = Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
  expect(bytes).toHaveLength(54 + 2 * 4);
  expect([...bytes.subarray(54)]).toEqual([0, 0, 255, 0, 255, 0, 0, 0]);
  expect(bytes.readUInt32LE(2)).toBe(bytes.length);
  expect(() => pictureUrl({ data: [1], shape: [2, 2, 1] })).toThrow("got [2,2,1] with 1 numbers");
});
