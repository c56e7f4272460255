#!/usr/bin/env node
import { processConsole } from "./command/console.ts";
import { createProgram } from "./command/program.ts";

const program = createProgram(processConsole, (code) => {
  process.exitCode = code;
});

program.parseAsync().then(
  // Worker threads of a device would keep the process alive.
  () => process.exit(),
  (error: unknown) => {
    // Mistakes of the user and of the machine; everything else is one of the program, and says where.
    const known = error instanceof Error && (/^\[.+\] /.test(error.message) || "code" in error);
    processConsole.note(known ? error.message : String((error as Error).stack ?? error));
    process.exit(1);
  },
);
