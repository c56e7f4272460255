/** Where a command writes: results to `out`, all that is said along the way to `note`. */
export interface Console {
  out(line: string): void;
  note(line: string): void;
}

export const processConsole: Console = {
  out: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
};

/** The exit code of a command that Ctrl-C has ended. */
export const interrupted = 130;

/**
 * Runs `work` with a signal that Ctrl-C aborts, and gives its exit code; a second Ctrl-C ends the process at once.
 *
 * @param saved Says what there is of the work when it ends before its time.
 */
export const interruptible = async (
  note: (line: string) => void,
  work: (signal: AbortSignal) => Promise<number>,
  saved?: () => string,
): Promise<number> => {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(interrupted);
    note("\nStopping after this step (Ctrl-C again ends at once)");
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted || (error as Error).name !== "AbortError") throw error;
    note(`Stopped${saved === undefined ? "" : `; ${saved()}`}`);
    return interrupted;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
};
