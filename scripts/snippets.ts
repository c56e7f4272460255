import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "node:util";
import ts from "typescript";
import { root } from "./workspace.ts";

/** A program in a page, and what the page says that it prints. */
export interface Snippet {
  readonly line: number;
  readonly code: string;
  readonly printed: string;
}

interface Block {
  readonly line: number;
  readonly text: string;
}

/** Blocks that begin with "```ts" or "```text" alone; "```ts no-run" shows code that is not run. */
const blocksOf = (page: string, language: string): Block[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map((match) => ({
    line: page.slice(0, match.index).split("\n").length + 1,
    text: match[1] as string,
  }));

/** Printed values without their line breaks and alignment. */
const collapsed = (printed: readonly string[]): string => printed.join(" ").replace(/\s+/g, " ").trim();

/** What comments behind `console.log(...)` say. */
const commented = (code: string): string[] =>
  [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map((match) => match[1] as string);

/**
 * The programs of a page. A page with blocks of text is one program, whose output these are; of other pages each block is a program by
 * itself, and comments say what it prints.
 */
export const snippetsOf = (page: string): Snippet[] => {
  const text = readFileSync(join(root, page), "utf8");
  const [code, output] = [blocksOf(text, "ts"), blocksOf(text, "text")];
  if (output.length === 0)
    return code.map((block) => ({ ...program([block]), printed: collapsed(commented(block.text)) }));
  return [{ ...program(code), printed: collapsed(output.map((block) => block.text)) }];
};

const program = (blocks: readonly Block[]): Pick<Snippet, "line" | "code"> => ({
  line: blocks[0]?.line ?? 0,
  code: blocks.map((block) => block.text).join("\n"),
});

/**
 * Runs a snippet in an empty folder; gives what it prints.
 *
 * @param load How the snippet's imports are loaded, such as `require`.
 */
export const runSnippet = async ({ code }: Snippet, load: (name: string) => unknown): Promise<string> => {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const logged: string[] = [];
  const log = (...values: unknown[]): void => void logged.push(format(...values));
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
  return collapsed(logged);
};
