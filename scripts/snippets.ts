import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import ts from "typescript";
import { root } from "./workspace.ts";

/** A block of TypeScript in a page. */
export interface Snippet {
  readonly line: number;
  readonly code: string;
}

/** The blocks that begin with "```ts" alone; "```ts no-run" shows code that is not run. */
export const snippetsOf = (page: string): Snippet[] => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    line: text.slice(0, match.index).split("\n").length + 1,
    code: match[1] as string,
  }));
};

/**
 * Runs a snippet in an empty folder; gives what it logs, and what comments behind `console.log(...)` say that it logs.
 *
 * @param load How the snippet's imports are loaded, such as `require`.
 */
export const runSnippet = async (
  { code }: Snippet,
  load: (name: string) => unknown,
): Promise<{ logged: string[]; expected: string[] }> => {
  const expected = [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map((match) => match[1] as string);
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const logged: string[] = [];
  const log = (...values: unknown[]): void => void logged.push(format(...values).replace(/\s+/g, " "));
  const AsyncFunction = (async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<void>;
  const run = new AsyncFunction("require", "exports", "console", outputText);
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "snippet-"));
  process.chdir(folder);
  try {
    await run(load, {}, { log });
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
  return { logged, expected };
};
