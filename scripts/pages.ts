import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { root } from "./workspace.ts";

/** A page's program: all its blocks of TypeScript, one after the other, and what they print by its blocks of text. */
export interface Page {
  readonly code: string;
  readonly output: string;
}

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1] as string);

export const readPage = (file: string): Page => {
  const text = readFileSync(join(root, file), "utf8");
  return { code: blocks(text, "ts").join("\n"), output: blocks(text, "text").join("") };
};

/** Runs a page's program and gives what it printed. */
export const runPage = async ({ code }: Page, load: (name: string) => unknown): Promise<string> => {
  const imports: string[] = [];
  const body = code.replace(/^import (type )?(\{[^}]*\}) from ("[^"]+");$/gm, (_, type, names, from) => {
    if (type === undefined) imports.push(`const ${names} = load(${from});`);
    return "";
  });
  const program = `(async (load, console) => { ${imports.join("\n")}\n{ ${body} } })`;
  const run = new Function(`return ${transformSync(program, { loader: "ts", target: "es2022" }).code}`)();
  const lines: string[] = [];
  await run(load, { log: (...values: unknown[]) => lines.push(values.map(String).join(" ")) });
  return lines.map((line) => `${line}\n`).join("");
};
