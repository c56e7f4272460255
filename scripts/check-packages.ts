import { execFileSync, spawnSync } from "node:child_process";
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
  const tarball = readFileSync(
    join(folder, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`),
  );
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

/** What each entry exports when Node loads it, or why it does not load. */
const load = (kind: "import" | "require", specifier: string): string => {
  const program = join(folder, kind === "import" ? "load.mjs" : "load.cjs");
  const entry = kind === "import" ? "await import(process.argv[2])" : "require(process.argv[2])";
  const names = "filter((name) => !['default', 'module.exports', '__esModule'].includes(name)).sort().join()";
  writeFileSync(program, `console.log(Object.keys(${entry}).${names})`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, specifier], { encoding: "utf8" });
  if (status === 0) return stdout;
  problems.push(`${specifier}: ${kind} fails: ${/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr}`);
  return "";
};
const specifiers = all.flatMap((each) => entriesOf(each).map(({ specifier }) => specifier));
for (const specifier of specifiers) {
  if (load("import", specifier) !== load("require", specifier)) {
    problems.push(`${specifier}: import and require see different exports`);
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${all.length} packages, ${specifiers.length} entries: no problems`);
