import { FormatError } from "@gradloom/backend";
import { nodeModule } from "../files/nodeModule.ts";

/**
 * The lines of text files (UTF-8), read as they are needed, so files may be larger than memory.
 *
 * @param options.maxLength The longest line that is taken for one; 2^24 characters by default.
 * @throws FormatError for a file that is no UTF-8 text or has longer lines.
 * @example for await (const line of textLines("book.txt")) ...
 */
export const textLines = (
  paths: string | readonly string[],
  { maxLength = 2 ** 24 }: { readonly maxLength?: number } = {},
): AsyncIterable<string> => ({
  async *[Symbol.asyncIterator]() {
    const { createReadStream } = await nodeModule("node:fs");
    for (const path of typeof paths === "string" ? [paths] : paths) {
      const decoder = new TextDecoder("utf-8", { fatal: true });
      const decode = (bytes?: Uint8Array): string => {
        try {
          return decoder.decode(bytes, { stream: bytes !== undefined });
        } catch {
          throw new FormatError(path, "is no UTF-8 text");
        }
      };
      let rest = "";
      for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
        const lines = (rest + decode(chunk)).split("\n");
        rest = lines.pop() as string;
        if (rest.length > maxLength) throw new FormatError(path, `has a line of more than ${maxLength} characters`);
        for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      rest += decode();
      if (rest !== "") yield rest;
    }
  },
});
