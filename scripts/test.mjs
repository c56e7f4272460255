import { ensureInstalled, runNode } from "./install.mjs";

ensureInstalled();
process.exit(runNode("node_modules/jest/bin/jest.js", process.argv.slice(2)));
