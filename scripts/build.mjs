import { ensureInstalled, runNode } from "./install.mjs";

ensureInstalled();
const args = ["run", "build", ...process.argv.slice(2)];
process.exit(runNode("node_modules/turbo/bin/turbo", args, { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }));
