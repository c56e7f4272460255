import type { Callback } from "../callback.ts";

/**
 * Writes each epoch's record as one line of JSON.
 *
 * @param write Takes one line, without its end.
 * @example jsonLines((line) => console.log(line))
 */
export const jsonLines = (write: (line: string) => void | Promise<void>): Callback => ({
  onEpochEnd: (_, record) => write(JSON.stringify(record)),
});
