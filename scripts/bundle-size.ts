import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packages, printTable, readJson, root } from "./workspace.ts";

// Prints what users' bundles weigh (minified, gzipped, from the built packages) and how long the sources are, next to
// their budgets in budgets.json, and fails over budget.
interface Budgets {
  bundles: { name: string; code: string; external: string[]; kilobytes: number }[];
  linesPerFile: number;
  linesPerPackage: Record<string, number>;
}

const budgets = readJson<Budgets>("scripts/budgets.json");
const failures: string[] = [];

const all = packages();
const isEmpty = (code: string): boolean => {
  const name = /@gradloom\/([\w-]+)/.exec(code)?.[1] as string;
  return readFileSync(join(root, "packages", name, "src/index.ts"), "utf8").trim() === "export {};";
};

const bundles: (string | number)[][] = [["bundle", "bytes", "budget"]];
for (const { name, code, external, kilobytes } of budgets.bundles) {
  if (isEmpty(code)) {
    bundles.push([name, "not written yet", kilobytes * 1000]);
    continue;
  }
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    external: [...external, "node:*"],
    // Without the paths of tsconfig.json: what is measured is what is published.
    tsconfigRaw: {},
    logLevel: "error",
  });
  const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
  bundles.push([name, bytes, kilobytes * 1000]);
  if (bytes > kilobytes * 1000) failures.push(`${name}: ${bytes} bytes, more than ${kilobytes} kB`);
}
printTable(bundles);

console.log();
const lines: (string | number)[][] = [["package", "lines", "budget", "longest file", ""]];
for (const { folder, path, sources } of all) {
  const counts = sources.map((file) => {
    const text = readFileSync(join(path, "src", file), "utf8");
    return { file, lines: text.split("\n").filter((line) => line.trim() !== "").length };
  });
  const total = counts.reduce((sum, { lines }) => sum + lines, 0);
  const longest = counts.reduce((a, b) => (b.lines > a.lines ? b : a), { file: "", lines: 0 });
  const budget = budgets.linesPerPackage[folder];
  lines.push([folder, total, budget ?? "none", longest.file, longest.lines]);
  if (budget === undefined) failures.push(`${folder} has no row in linesPerPackage of scripts/budgets.json`);
  else if (total > budget) failures.push(`${folder}: ${total} lines, more than ${budget}`);
  if (longest.lines > budgets.linesPerFile) {
    failures.push(`${folder}/src/${longest.file}: ${longest.lines} lines, more than ${budgets.linesPerFile}; split it`);
  }
}
printTable(lines);

for (const failure of failures) console.error(`over budget: ${failure}`);
if (failures.length > 0) process.exit(1);
