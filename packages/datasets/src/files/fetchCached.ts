import { DownloadError } from "./DownloadError.ts";
import type { RemoteFile, TransferOptions } from "./RemoteFile.ts";
import { addressesOf } from "./RemoteFile.ts";
import { TransferError, transfer } from "./transfer.ts";

/** The browser's cache for this page's origin; there is none outside secure contexts. */
const openCache = async (): Promise<Cache | undefined> => {
  try {
    return await globalThis.caches?.open("gradloom-datasets");
  } catch {
    return undefined;
  }
};

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What loaded bytes are not, of what they should be; MD5 is not known to browsers. */
const mismatch = async (file: RemoteFile, bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> => {
  if (file.bytes !== undefined && bytes.length !== file.bytes) {
    return `has ${bytes.length} bytes instead of ${file.bytes}`;
  }
  if (file.sha256 === undefined || globalThis.crypto?.subtle === undefined) return undefined;
  const found = hex(await crypto.subtle.digest("SHA-256", bytes));
  return found === file.sha256 ? undefined : `has the sha256 checksum ${found} instead of ${file.sha256}`;
};

/**
 * The bytes of a file from the first mirror that gives it as it should be, kept in the browser's Cache API where there is one.
 *
 * @throws DownloadError that says what each mirror answered; the signal's reason when it aborts.
 */
export const fetchCached = async (
  file: RemoteFile,
  mirrors: readonly string[],
  options: TransferOptions = {},
): Promise<Uint8Array> => {
  const cache = await openCache();
  const problems: string[] = [];
  for (const address of addressesOf(mirrors, file)) {
    const known = await cache?.match(address);
    if (known !== undefined) {
      const bytes = new Uint8Array(await known.arrayBuffer());
      if ((await mismatch(file, bytes)) === undefined) return bytes;
      await cache?.delete(address);
    }
    try {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      const sink = {
        start: async () => undefined,
        write: async (chunk: Uint8Array) => void chunks.push(chunk as Uint8Array<ArrayBuffer>),
      };
      await transfer(file, address, 0, sink, options);
      const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
      const problem = await mismatch(file, bytes);
      if (problem !== undefined) throw new TransferError(problem);
      // A full cache is no reason to fail.
      await cache?.put(address, new Response(bytes)).catch(() => undefined);
      return bytes;
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      problems.push(`${address} ${error.message}`);
    }
  }
  throw new DownloadError(
    file.name,
    `cannot be downloaded: ${problems.length === 0 ? "there are no mirrors" : problems.join("; ")}`,
  );
};
