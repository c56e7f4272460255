/** Where a command writes: results to `out`, all that is said along the way to `note`. */
export interface Console {
  out(line: string): void;
  note(line: string): void;
}

export const processConsole: Console = {
  out: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
};

/** Runs `work` with a signal that Ctrl-C aborts; a second Ctrl-C ends the process at once. */
export const interruptible = async <T>(
  note: (line: string) => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    note("\nStopping after this step (Ctrl-C again ends at once)");
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
};
