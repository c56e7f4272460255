import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createReferenceBackend } from "@gradloom/backend-reference";
import * as metrics from "@gradloom/metrics";
import * as tensor from "@gradloom/tensor";
import { readPage, runPage } from "../../../scripts/pages.ts";

const packages: Record<string, unknown> = {
  "@gradloom/metrics": metrics,
  "@gradloom/tensor": tensor,
};

test("the snippets of docs/metrics.md print what the page says", async () => {
  await tensor.useDevice(createReferenceBackend());
  const page = readPage("docs/metrics.md");
  expect(await runPage(page, (name) => packages[name])).toBe(page.output);
});

test("everything that is exported is on the page", () => {
  const page = readFileSync(join(__dirname, "../../../docs/metrics.md"), "utf8");
  const missing = Object.keys(metrics).filter((name) => !new RegExp(`\\b${name}\\b`).test(page));
  expect(missing).toEqual([]);
});
