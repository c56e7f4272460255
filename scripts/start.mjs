import { ensureInstalled, runNode } from "./install.mjs";

ensureInstalled();
// Ctrl-C is for the program, which stops cleanly and says what it saved; this process waits for it.
process.on("SIGINT", () => undefined);
const command = ["packages/gradloom/src/main.ts", "train", ...process.argv.slice(2)];
process.exit(runNode("node_modules/tsx/dist/cli.mjs", command));
