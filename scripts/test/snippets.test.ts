import { createReferenceBackend } from "@gradloom/backend-reference";
import { useDevice } from "@gradloom/tensor";
import { runSnippet, snippetsOf } from "../snippets.ts";

beforeAll(async () => {
  await useDevice(createReferenceBackend());
});

/** Pages whose snippets run, each by itself. */
const pages = ["docs/datasets.md", "docs/serialization.md"];

describe.each(pages)("%s", (page) => {
  const snippets = snippetsOf(page).map((snippet) => [snippet.line, snippet] as const);
  test.each(snippets)("the snippet in line %i logs what it says", async (_, snippet) => {
    const { logged, expected } = await runSnippet(snippet, require);
    expect(expected.length).toBeGreaterThan(0);
    expect(logged).toEqual(expected);
  });
});
