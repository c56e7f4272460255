import { DownloadError } from "./DownloadError.ts";
import { nodeModule } from "./nodeModule.ts";
import type { RemoteFile, TransferOptions } from "./RemoteFile.ts";
import { addressesOf } from "./RemoteFile.ts";
import { TransferError, transfer } from "./transfer.ts";

/** Tries at one mirror that breaks off. */
const tries = 4;

/** Downloads of this process, so that two that want the same file load it once. */
const active = new Map<string, Promise<void>>();

/**
 * Downloads a file from the first mirror that gives it as it should be. It appears under its name complete and checked, or not at all. With a
 * checksum, what was loaded before an interruption is kept as `<path>.part` and loading goes on there; without one, it starts anew.
 *
 * @param mirrors Addresses of folders; the file's name is appended.
 * @throws DownloadError that says what each mirror answered; the signal's reason when it aborts.
 * @example await download({ name: "a.bin", sha256: "..." }, ["https://example.org/data"], "/tmp/a.bin")
 */
export const download = async (
  file: RemoteFile,
  mirrors: readonly string[],
  path: string,
  options: TransferOptions = {},
): Promise<void> => {
  const { access } = await nodeModule("node:fs/promises");
  for (let other = active.get(path); other !== undefined; other = active.get(path)) {
    const loaded = await other.then(
      () => access(path).then(() => true),
      () => false,
    );
    if (loaded) return;
  }
  const own = load(file, mirrors, path, options).finally(() => active.delete(path));
  active.set(path, own);
  await own;
};

const load = async (
  file: RemoteFile,
  mirrors: readonly string[],
  path: string,
  options: TransferOptions,
): Promise<void> => {
  const { mkdir, rename, rm } = await nodeModule("node:fs/promises");
  const { dirname } = await nodeModule("node:path");
  const { randomUUID } = await nodeModule("node:crypto");
  const resumable = file.md5 !== undefined || file.sha256 !== undefined;
  const part = resumable ? `${path}.part` : `${path}.${randomUUID()}.part`;
  await mkdir(dirname(path), { recursive: true });
  const problems: string[] = [];
  try {
    for (const address of addressesOf(mirrors, file)) {
      for (let attempt = 0; attempt < tries; attempt++) {
        try {
          await loadPart(file, address, part, resumable, options);
          await rename(part, path);
          return;
        } catch (error) {
          if (!(error instanceof TransferError)) throw error;
          problems.push(`${address} ${error.message}`);
          if (error.again === undefined) break;
        }
      }
    }
  } finally {
    if (!resumable) await rm(part, { force: true });
  }
  throw new DownloadError(
    file.name,
    `cannot be downloaded: ${problems.length === 0 ? "there are no mirrors" : problems.join("; ")}`,
  );
};

const loadPart = async (
  file: RemoteFile,
  address: string,
  part: string,
  resumable: boolean,
  options: TransferOptions,
): Promise<void> => {
  const { open, rm, stat } = await nodeModule("node:fs/promises");
  let have = resumable
    ? await stat(part).then(
        ({ size }) => size,
        () => 0,
      )
    : 0;
  if (file.bytes !== undefined && have > file.bytes) have = 0;
  const before = have;
  if (have === 0 || have !== file.bytes) {
    const target = await open(part, have === 0 ? "w" : "r+");
    let position = have;
    try {
      await transfer(
        file,
        address,
        have,
        {
          start: async (offset) => {
            position = offset;
            await target.truncate(offset);
          },
          write: async (bytes) => {
            for (let at = 0; at < bytes.length; ) {
              const { bytesWritten } = await target.write(bytes, at, bytes.length - at, position);
              at += bytesWritten;
              position += bytesWritten;
            }
          },
        },
        options,
      );
      await target.sync();
    } catch (error) {
      await target.close();
      if (position === 0 || (error instanceof TransferError && error.again === "restart")) {
        await rm(part, { force: true });
      }
      throw error;
    }
    await target.close();
  }
  const problem = await mismatch(file, part);
  if (problem === undefined) return;
  await rm(part, { force: true });
  // Bytes of an earlier, other file may be to blame.
  throw new TransferError(problem, before > 0 ? "restart" : undefined);
};

/** What a complete file on disk is not, of what it should be. */
const mismatch = async (file: RemoteFile, path: string): Promise<string | undefined> => {
  const { createReadStream } = await nodeModule("node:fs");
  const { createHash } = await nodeModule("node:crypto");
  const kinds = (["md5", "sha256"] as const).filter((kind) => file[kind] !== undefined);
  const hashes = kinds.map((kind) => createHash(kind));
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    for (const hash of hashes) hash.update(chunk);
  }
  if (file.bytes !== undefined && bytes !== file.bytes) return `has ${bytes} bytes instead of ${file.bytes}`;
  for (const [i, kind] of kinds.entries()) {
    const found = hashes[i]?.digest("hex");
    if (found !== file[kind]) return `has the ${kind} checksum ${found} instead of ${file[kind]}`;
  }
  return undefined;
};
