import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { entriesOf, packages, root } from "./workspace.ts";

// Packs every package as it would be published and looks at the result as its users' tools do: publint, "are the types
// wrong", and Node, which must load each entry as a module and as CommonJS, with nothing but the packed packages.
const folder = join(root, "node_modules/.cache/packed");
const installed = join(folder, "node_modules");
rmSync(folder, { recursive: true, force: true });
mkdirSync(installed, { recursive: true });

const all = packages();
const npm = process.env.npm_execpath;
const pack = [
  "pack",
  "--silent",
  "--pack-destination",
  folder,
  ...all.flatMap(({ manifest }) => ["-w", manifest.name]),
];
if (npm) execFileSync(process.execPath, [npm, ...pack], { cwd: root, stdio: "ignore" });
else execFileSync("npm", pack, { cwd: root, stdio: "ignore", shell: process.platform === "win32" });

const problems: string[] = [];
for (const { manifest } of all) {
  const tarball = readFileSync(join(folder, `${manifest.name.slice(1).replace("/", "-")}-${manifest.version}.tgz`));
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

  const target = join(installed, manifest.name);
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", "-", "--strip-components=1", "-C", target], { input: tarball });
  console.log(`  ${manifest.name}  ${tarball.length} bytes  ${problems.length === before ? "ok" : "has problems"}`);
}

const run = (extension: string, code: string): string => {
  const program = join(folder, `load.${extension}`);
  writeFileSync(program, code);
  return execFileSync(process.execPath, [program], { cwd: folder, encoding: "utf8" });
};
const specifiers = all.flatMap((each) => entriesOf(each).map(({ specifier }) => specifier));
const list = JSON.stringify(specifiers);
const names =
  "Object.keys(entry).filter((name) => name !== 'default' && name !== 'module.exports' && name !== '__esModule').sort()";
const loaded = {
  module: run("mjs", `for (const s of ${list}) { const entry = await import(s); console.log(s, ${names}.join()); }`),
  commonjs: run("cjs", `for (const s of ${list}) { const entry = require(s); console.log(s, ${names}.join()); }`),
};
if (loaded.module !== loaded.commonjs) {
  problems.push(`import and require see different exports:\n${loaded.module}\n${loaded.commonjs}`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${all.length} packages, ${specifiers.length} entries: no problems`);
