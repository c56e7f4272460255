import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { useDevice } from "@gradloom/tensor";
import { runSnippet, snippetsOf } from "../snippets.ts";
import { root } from "../workspace.ts";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const pages = ["README.md", ...docs.map((name) => `docs/${name}`)].filter((page) => snippetsOf(page).length > 0);

test("every page with code is found", () => {
  expect(pages).toContain("README.md");
  expect(pages.length).toBeGreaterThan(7);
});

describe.each(pages)("%s", (page) => {
  test.each(snippetsOf(page))("the code from line $line on prints what the page says", async (snippet) => {
    expect(snippet.printed).not.toBe("");
    expect(await runSnippet(snippet, require)).toBe(snippet.printed);
  });
});

test.each(["datasets", "metrics", "models", "optimizers", "regularization", "serialization", "training"])(
  "everything that @gradloom/%s exports is on its page",
  (name) => {
    const page = readFileSync(join(root, `docs/${name}.md`), "utf8");
    const exported = Object.keys(require(`@gradloom/${name}`) as object);
    expect(exported.filter((each) => !new RegExp(`\\b${each}\\b`).test(page))).toEqual([]);
  },
);
