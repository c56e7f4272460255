import * as autograd from "@gradloom/autograd";
import { createReferenceBackend } from "@gradloom/backend-reference";
import * as layers from "@gradloom/layers";
import * as tensor from "@gradloom/tensor";
import { readPage, runPage } from "../../../scripts/pages.ts";

const packages: Record<string, unknown> = {
  "@gradloom/autograd": autograd,
  "@gradloom/layers": layers,
  "@gradloom/tensor": tensor,
};

test("the snippets of docs/layers.md print what the page says", async () => {
  await tensor.useDevice(createReferenceBackend());
  const page = readPage("docs/layers.md");
  expect(await runPage(page, (name) => packages[name])).toBe(page.output);
});
