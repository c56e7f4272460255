import { FormatError } from "@gradloom/backend";
import { nodeModule } from "./nodeModule.ts";

/**
 * Takes files out of a tar archive, gzipped or not. Only files whose last name is asked for are taken, and they are written under these
 * names alone: no path in an archive leads anywhere. All of them appear, or none.
 *
 * @param wanted Names, and the most bytes that each may have.
 * @throws FormatError for a damaged archive, a missing or an oversized file.
 */
export const unpackArchive = async (
  archive: string,
  folder: string,
  wanted: ReadonlyMap<string, number>,
): Promise<void> => {
  const { list } = await nodeModule("tar");
  const { createWriteStream } = await nodeModule("node:fs");
  const { mkdir, mkdtemp, open, rename, rm } = await nodeModule("node:fs/promises");
  const { basename, join } = await nodeModule("node:path");
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, ".unpacking-"));
  try {
    const written = new Map<string, Promise<void>>();
    let problem: string | undefined;
    await list({
      file: archive,
      strict: true,
      onReadEntry: (entry) => {
        const name = basename(entry.path);
        const most = wanted.get(name);
        if (most === undefined || entry.type !== "File" || problem !== undefined) return;
        if (written.has(name)) problem = `holds ${name} twice`;
        else if (entry.size > most) problem = `holds ${name} with ${entry.size} bytes, more than ${most}`;
        else {
          const target = createWriteStream(join(temporary, name), { flags: "wx" });
          const done = new Promise<void>((resolve, reject) => target.on("close", resolve).on("error", reject));
          done.catch(() => undefined);
          written.set(name, done);
          entry.pipe(target);
        }
      },
    }).catch((error: Error) => {
      problem ??= `is damaged: ${error.message}`;
    });
    const missing = [...wanted.keys()].filter((name) => !written.has(name));
    if (problem === undefined && missing.length > 0) problem = `lacks ${missing.join(", ")}`;
    if (problem !== undefined) throw new FormatError(archive, problem, "load the file again");
    for (const [name, done] of written) {
      await done;
      const file = await open(join(temporary, name), "r+");
      await file.sync();
      await file.close();
    }
    for (const name of written.keys()) await rename(join(temporary, name), join(folder, name));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
};
