import { type ExecFileOptions, execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
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

const execute = promisify(execFile);

const runNpm = async (args: readonly string[], cwd: string): Promise<void> => {
  const npm = process.env.npm_execpath;
  const options: ExecFileOptions = { cwd, shell: npm === undefined && process.platform === "win32" };
  if (npm) await execute(process.execPath, [npm, ...args], options);
  else await execute("npm", args, options);
};
const pack = [
  "pack",
  "--silent",
  "--pack-destination",
  folder,
  ...all.flatMap(({ manifest }) => ["-w", manifest.name]),
];
await runNpm(pack, root);

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
const project = async (each: Package): Promise<string> => {
  const path = join(folder, each.folder);
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), '{ "name": "project", "private": true }');
  const tarballs = [...withDependencies(each)].map(tarballOf);
  await runNpm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], path);
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
const run = async (path: string, kind: keyof typeof kinds, what: string, body: string): Promise<string> => {
  const { file, head } = kinds[kind];
  // Worker threads of a device keep a process alive.
  writeFileSync(join(path, file), `${head}\n(async () => {${body}\n})().then(() => process.exit());\n`);
  try {
    return (await execute(process.execPath, [file], { cwd: path })).stdout;
  } catch (error) {
    const { stderr } = error as { stderr: string };
    problems.push(`${what}: ${kind} fails: ${/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr}`);
    return "";
  }
};

/** Installs a package alone, loads its entries and uses it. */
const checkAlone = async (each: Package): Promise<void> => {
  const { name } = each.manifest;
  const path = await project(each);
  for (const { specifier } of entriesOf(each)) {
    const names = "filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort().join()";
    const list = (kind: keyof typeof kinds): Promise<string> =>
      run(path, kind, specifier, `console.log(Object.keys(await load("${specifier}")).${names})`);
    if ((await list("import")) !== (await list("require"))) {
      problems.push(`${specifier}: import and require see different exports`);
    }
  }
  const use = uses[each.folder];
  if (use === undefined) problems.push(`${name}: scripts/uses.ts does not use it`);
  else for (const kind of ["import", "require"] as const) await run(path, kind, `${name} in use`, use);
  console.log(`  ${name} alone: installed, loaded and used`);
};

const entries = all.flatMap((each) => entriesOf(each));
const waiting = [...all];
const checkNext = async (): Promise<void> => {
  for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) await checkAlone(each);
};
await Promise.all(Array.from({ length: availableParallelism() }, checkNext));
rmSync(folder, { recursive: true });

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${all.length} packages, ${entries.length} entries: no problems`);
