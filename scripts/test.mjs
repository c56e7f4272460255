import { createRequire } from "node:module";
import { ensureInstalled, runNode } from "./install.mjs";

ensureInstalled();
const { driverManifests } = createRequire(import.meta.url)("./software-gpus.cjs");
// Software drivers stand in for a GPU.
process.env.VK_ICD_FILENAMES ??= driverManifests();
// Tests run many kernels once: lavapipe takes longer to optimize them than to run them.
process.env.GALLIVM_PERF ??= "nopt";
process.exit(runNode("node_modules/jest/bin/jest.js", process.argv.slice(2)));
