import { FormatError } from "@gradloom/backend";

/**
 * Unpacks gzipped bytes, and gives others back as they are.
 *
 * @throws FormatError for a damaged archive or one that unpacks to more than `maxBytes`.
 */
export const gunzip = async (name: string, file: Uint8Array, maxBytes: number): Promise<Uint8Array> => {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    const unpacked = new Blob([file as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("gzip"));
    for await (const chunk of unpacked as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      size += chunk.length;
      if (size > maxBytes) throw new RangeError(`it holds more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw new FormatError(name, `cannot be unpacked: ${(error as Error).message}`, "load the file again");
  }
  const result = new Uint8Array(size);
  let next = 0;
  for (const chunk of chunks) {
    result.set(chunk, next);
    next += chunk.length;
  }
  return result;
};
