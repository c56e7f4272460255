import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled, root, runNode } from "./install.mjs";

const example = "examples/mnist-mlp/src/main.ts";
if (!existsSync(join(root, example))) {
  console.error(`There is no ${example} in this checkout yet; run "npm test" instead.`);
  process.exit(1);
}
ensureInstalled();
console.log(`Running ${example}`);
process.exit(runNode("node_modules/tsx/dist/cli.mjs", [example, ...process.argv.slice(2)]));
