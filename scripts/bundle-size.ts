import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { packages, printTable, readJson, root } from "./workspace.ts";

// Prints what users' bundles weigh (as Vite bundles and minifies them, gzipped, from the built packages) and how long the
// sources are, next to their budgets in budgets.json, and fails over budget.
interface Bundle {
  name: string;
  code: string;
  external: string[];
  /** Packages that the code loads on demand and that count; what else it may load does not. */
  loads?: string[];
  kilobytes: number;
}

interface Budgets {
  bundles: Bundle[];
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

const entry = join(root, "bundle-size.js");

/** Bytes of the chunks that a page downloads for the code: each is compressed by itself. */
const weigh = async ({ code, external, loads = [] }: Bundle): Promise<number> => {
  const bundle = await rolldown({
    input: entry,
    plugins: [
      { name: "code", resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) },
    ],
    external: [...external.map((name) => new RegExp(`^${name.replace("*", ".*")}$`)), /^node:/],
    platform: "browser",
    // Without the paths of tsconfig.json: what is measured is what is published.
    tsconfig: false,
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  const chunks = new Map(output.flatMap((each) => (each.type === "chunk" ? [[each.fileName, each]] : [])));
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const chunk = chunks.get(name);
    if (chunk === undefined || wanted.has(name)) return;
    wanted.add(name);
    chunk.imports.forEach(want);
  };
  for (const { fileName, isEntry, facadeModuleId } of chunks.values()) {
    if (isEntry || loads.some((name) => facadeModuleId === join(root, "packages", name, "dist/index.js")))
      want(fileName);
  }
  return [...wanted].reduce((sum, name) => sum + gzipSync(chunks.get(name)?.code ?? "", { level: 9 }).length, 0);
};

const bundles: (string | number)[][] = [["bundle", "bytes", "budget"]];
for (const bundle of budgets.bundles) {
  const { name, code, kilobytes } = bundle;
  if (isEmpty(code)) {
    bundles.push([name, "not written yet", kilobytes * 1000]);
    continue;
  }
  const bytes = await weigh(bundle);
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
