import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled, root, runNode } from "./install.mjs";

const benchmarks = "benchmarks/src/main.ts";
if (!existsSync(join(root, benchmarks))) {
  console.error(`There is no ${benchmarks} in this checkout yet.`);
  process.exit(1);
}
ensureInstalled();
process.exit(runNode("node_modules/tsx/dist/cli.mjs", [benchmarks, ...process.argv.slice(2)]));
