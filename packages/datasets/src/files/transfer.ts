import type { RemoteFile, TransferOptions } from "./RemoteFile.ts";
import { maxUnknownBytes } from "./RemoteFile.ts";

/** Why a mirror did not give a file. */
export class TransferError extends Error {
  /** Whether another try at the same mirror may go better: by going on, or from the start. */
  readonly again: "resume" | "restart" | undefined;

  constructor(message: string, again?: "resume" | "restart") {
    super(message);
    this.again = again;
  }
}

/** Where the bytes of an answer go; `start` says how many bytes of before they follow. */
export interface Sink {
  start(offset: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
}

/** Checks the head of an answer; gives the offset of its first byte and the total length. */
const examine = (file: RemoteFile, answer: Response, have: number): { offset: number; total: number | undefined } => {
  if (answer.status === 416) throw new TransferError("has no bytes after those loaded before", "restart");
  if (!answer.ok) throw new TransferError(`answered ${answer.status}`);
  const stated = answer.headers.get("content-length");
  const encoded = answer.headers.get("content-encoding");
  const length = stated === null || (encoded !== null && encoded !== "identity") ? undefined : Number(stated);
  if (answer.status === 206 && !answer.headers.get("content-range")?.startsWith(`bytes ${have}-`)) {
    throw new TransferError("answered with another part of the file than asked for", "restart");
  }
  const offset = answer.status === 206 ? have : 0;
  const total = length === undefined ? file.bytes : offset + length;
  if (file.bytes !== undefined && total !== file.bytes) {
    throw new TransferError(`has ${total} bytes instead of ${file.bytes}`);
  }
  return { offset, total };
};

/**
 * Loads a file from one address into a sink, from byte `have` on where the server can do that.
 *
 * @throws TransferError; or the reason of the signal when it aborts.
 */
export const transfer = async (
  file: RemoteFile,
  address: string,
  have: number,
  sink: Sink,
  { onProgress, signal, timeout = 30_000 }: TransferOptions,
): Promise<void> => {
  const control = new AbortController();
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      control.abort();
    }, timeout);
  };
  let answered = false;
  const abort = (): void => control.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", abort);
  try {
    wait();
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (have > 0) headers.range = `bytes=${have}-`;
    const answer = await fetch(address, { headers, signal: control.signal });
    answered = true;
    const { offset, total } = examine(file, answer, have);
    const limit = total ?? maxUnknownBytes;
    await sink.start(offset);
    let loaded = offset;
    for await (const bytes of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      wait();
      loaded += bytes.length;
      if (loaded > limit) throw new TransferError(`gives more than ${limit} bytes`);
      await sink.write(bytes);
      onProgress?.({ file: file.name, loaded, total });
    }
    if (total !== undefined && loaded < total)
      throw new TransferError(`ended after ${loaded} of ${total} bytes`, "resume");
  } catch (error) {
    control.abort();
    signal?.throwIfAborted();
    if (error instanceof TransferError) throw error;
    if (stalled) throw new TransferError(`sent nothing for ${timeout} ms`);
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new TransferError(reason, answered ? "resume" : undefined);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
};
