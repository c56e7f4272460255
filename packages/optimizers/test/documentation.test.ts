import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as autograd from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import * as optimizers from "@gradloom/optimizers";
import * as tensor from "@gradloom/tensor";
import { readPage, runPage } from "../../../scripts/pages.ts";

const packages: Record<string, unknown> = {
  "@gradloom/autograd": autograd,
  "@gradloom/optimizers": optimizers,
  "@gradloom/tensor": tensor,
};

test("the snippets of docs/optimizers.md print what the page says", async () => {
  await tensor.useDevice(createReferenceBackend());
  const page = readPage("docs/optimizers.md");
  expect(await runPage(page, (name) => packages[name])).toBe(page.output);
});

test("everything that is exported is on the page", () => {
  const page = readFileSync(join(__dirname, "../../../docs/optimizers.md"), "utf8");
  const missing = Object.keys(optimizers).filter((name) => !new RegExp(`\\b${name}\\b`).test(page));
  expect(missing).toEqual([]);
});
