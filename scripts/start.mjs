import { ensureInstalled, runNode } from "./install.mjs";

ensureInstalled();
// Ctrl-C is for the program, which stops cleanly and says what it saved; this process waits for it. The program is Node itself, with tsx
// in it: tsx as a process of its own ends programs that are too busy to answer a signal at once.
process.on("SIGINT", () => undefined);
const program = "packages/gradloom/src/main.ts";
process.exit(runNode(program, ["train", ...process.argv.slice(2)], {}, ["--import", "tsx"]));
