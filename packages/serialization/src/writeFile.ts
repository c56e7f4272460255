import { nodeModule } from "./nodeModule.ts";

/**
 * Writes parts to a file as a whole or not at all: to a temporary name in the same folder, flushed, then renamed. A file that was there
 * stays as it was until then.
 */
export const writeFile = async (path: string, parts: readonly ArrayBufferView[]): Promise<void> => {
  const { open, rename, rm } = await nodeModule("node:fs/promises");
  const { randomUUID } = await nodeModule("node:crypto");
  const { dirname } = await nodeModule("node:path");
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      for (const part of parts) await writeAll(file, part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
};

type File = Awaited<ReturnType<typeof import("node:fs/promises").open>>;

/** One call writes less than 2 GiB. */
const chunk = 2 ** 28;

const writeAll = async (file: File, part: ArrayBufferView): Promise<void> => {
  const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(chunk, bytes.length - at));
    at += bytesWritten;
  }
};

/** Makes a rename last; systems that cannot flush folders need not. */
const syncFolder = async (path: string): Promise<void> => {
  const { open } = await nodeModule("node:fs/promises");
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
};
