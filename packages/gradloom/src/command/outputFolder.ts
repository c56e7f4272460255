import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ArgumentError } from "@gradloom/tensor";

/** Makes a folder and those around it. Node's own `recursive` never ends where a file system refuses with ENOENT, as /proc does. */
const make = (folder: string): Promise<void> =>
  mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (existsSync(folder)) return;
    if (error.code !== "ENOENT" || dirname(folder) === folder) throw error;
    await make(dirname(folder));
    await mkdir(folder);
  });

/**
 * Makes a folder that files can be written to.
 *
 * @throws ArgumentError where there is none to be had.
 */
export const outputFolder = async (option: string, folder: string): Promise<void> => {
  try {
    await make(folder);
    await rmdir(await mkdtemp(join(folder, ".gradloom-")));
  } catch (error) {
    throw new ArgumentError(option, `cannot write to ${folder} (${(error as Error).message})`, "name another place");
  }
};
