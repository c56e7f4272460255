import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { uses } from "./uses.ts";
import type { Manifest, Package } from "./workspace.ts";
import { entriesOf, packages, root } from "./workspace.ts";

// Packs every package as it would be published and looks at the result as its users' tools do: publint, "are the types
// wrong", and Node: each package is installed alone in an empty project outside of the repository, every entry is loaded as a module
// and as CommonJS, and the package is used.
const folder = mkdtempSync(join(tmpdir(), "gradloom-packed-"));

const all = packages();

const runNpm = (args: readonly string[], cwd: string): void => {
  const npm = process.env.npm_execpath;
  const stdio = ["ignore", "ignore", "inherit"] as const;
  if (npm) execFileSync(process.execPath, [npm, ...args], { cwd, stdio: [...stdio] });
  else execFileSync("npm", args, { cwd, stdio: [...stdio], shell: process.platform === "win32" });
};
const pack = [
  "pack",
  "--silent",
  "--pack-destination",
  folder,
  ...all.flatMap(({ manifest }) => ["-w", manifest.name]),
];
runNpm(pack, root);

const tarballOf = ({ name, version }: Manifest): string =>
  join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);

const problems: string[] = [];
for (const { manifest } of all) {
  const tarball = readFileSync(tarballOf(manifest));
  const before = problems.length;

  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(tarball).buffer }, strict: true });
  for (const message of messages) problems.push(`${manifest.name}: publint: ${formatMessage(message, pkg)}`);

  const types = await checkPackage(createPackageFromTarballData(tarball));
  const found = types.types ? types.problems : [{ kind: "NoTypes" }];
  for (const problem of found) {
    // TypeScript's "node10" resolution knows no `exports`; Node 20 and every bundler of its time do.
    if ("resolutionKind" in problem && problem.resolutionKind === "node10") continue;
    problems.push(`${manifest.name}: types: ${JSON.stringify(problem)}`);
  }

  console.log(`  ${manifest.name}  ${tarball.length} bytes  ${problems.length === before ? "ok" : "has problems"}`);
}

/** A package and those of ours that npm would install with it. */
const withDependencies = ({ manifest }: Package, found = new Set<Manifest>()): Set<Manifest> => {
  found.add(manifest);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const other = all.find((each) => each.manifest.name === name);
    if (other !== undefined && !found.has(other.manifest)) withDependencies(other, found);
  }
  return found;
};

/** Makes an empty project and installs a package in it. */
const project = (each: Package): string => {
  const path = join(folder, each.folder);
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), '{ "name": "project", "private": true }');
  const tarballs = [...withDependencies(each)].map(tarballOf);
  runNpm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], path);
  return path;
};

const kinds = {
  import: {
    file: "program.mjs",
    head: 'import assert from "node:assert/strict"; const load = (name) => import(name);',
  },
  require: {
    file: "program.cjs",
    head: 'const assert = require("node:assert/strict"); const load = async (name) => require(name);',
  },
} as const;

/** Runs a program that loads packages by import or by require; gives what it prints. */
const run = (path: string, kind: keyof typeof kinds, what: string, body: string): string => {
  const { file, head } = kinds[kind];
  // Worker threads of a device keep a process alive.
  writeFileSync(join(path, file), `${head}\n(async () => {${body}\n})().then(() => process.exit());\n`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: path, encoding: "utf8" });
  if (status === 0) return stdout;
  problems.push(`${what}: ${kind} fails: ${/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr}`);
  return "";
};

const entries = all.flatMap((each) => entriesOf(each));
for (const each of all) {
  const { name } = each.manifest;
  const before = problems.length;
  const path = project(each);
  for (const { specifier } of entriesOf(each)) {
    const names = "filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort().join()";
    const list = (kind: keyof typeof kinds): string =>
      run(path, kind, specifier, `console.log(Object.keys(await load("${specifier}")).${names})`);
    if (list("import") !== list("require")) problems.push(`${specifier}: import and require see different exports`);
  }
  const use = uses[each.folder];
  if (use === undefined) problems.push(`${name}: scripts/uses.ts does not use it`);
  else for (const kind of ["import", "require"] as const) run(path, kind, `${name} in use`, use);
  console.log(`  ${name} alone: ${problems.length === before ? "installs, loads and works" : "has problems"}`);
}
rmSync(folder, { recursive: true });

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${all.length} packages, ${entries.length} entries: no problems`);
