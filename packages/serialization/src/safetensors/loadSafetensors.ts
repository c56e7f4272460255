import { FormatError } from "@gradloom/backend";
import type { Tensor } from "@gradloom/tensor";
import { nodeModule } from "../nodeModule.ts";
import type { DecodeOptions, Safetensors } from "./decodeSafetensors.ts";
import { checkTypes, decodeEntry } from "./decodeSafetensors.ts";
import { headerLength, parseHeader } from "./header.ts";

/** One call reads less than 2 GiB. */
const chunk = 2 ** 28;

/**
 * Reads a safetensors file, one tensor at a time.
 *
 * @throws FormatError for a file that does not follow the format, UnsupportedError for element types that no tensor can hold.
 * @example const { tensors } = await loadSafetensors("model.safetensors")
 */
export const loadSafetensors = async (path: string, options: DecodeOptions = {}): Promise<Safetensors> => {
  const { name = path, convertIntegers = false, device } = options;
  const { open } = await nodeModule("node:fs/promises");
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const read = async (position: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const { bytesRead } = await file.read(bytes, at, Math.min(chunk, length - at), position + at);
        if (bytesRead === 0) throw new FormatError(name, `is truncated: it ended at byte ${position + at} while read`);
        at += bytesRead;
      }
      return bytes;
    };
    const length = headerLength(name, await read(0, Math.min(8, size)), size);
    const start = 8 + length;
    const header = parseHeader(name, await read(8, length), size - start);
    checkTypes(name, header, convertIntegers);
    const tensors: [string, Tensor][] = [];
    for (const entry of header.entries) {
      const bytes = await read(start + entry.begin, entry.end - entry.begin);
      tensors.push([entry.name, decodeEntry(name, entry, bytes.buffer, device)]);
    }
    return { tensors: Object.fromEntries(tensors), metadata: header.metadata };
  } finally {
    await file.close();
  }
};
