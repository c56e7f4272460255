import { createReferenceBackend } from "@gradloom/backend-reference";
import { useDevice } from "@gradloom/tensor";
import { runSnippet, snippetsOf } from "../snippets.ts";

const snippets = snippetsOf("README.md");

test("the README has code", () => {
  expect(snippets.length).toBeGreaterThan(1);
});

test.each(snippets)("the README's code from line $line on logs what it says", async (snippet) => {
  await useDevice(createReferenceBackend());
  const { logged, expected } = await runSnippet(snippet, require);
  expect(expected.length).toBeGreaterThan(0);
  expect(logged).toEqual(expected);
});
