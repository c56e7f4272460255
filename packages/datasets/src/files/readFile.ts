import { FormatError } from "@gradloom/backend";
import { nodeModule } from "./nodeModule.ts";

/**
 * Reads a file of at most `maxBytes`.
 *
 * @throws FormatError for a larger one, before anything is read.
 */
export const readFile = async (path: string, maxBytes: number): Promise<Uint8Array> => {
  const { open } = await nodeModule("node:fs/promises");
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new FormatError(path, `has ${size} bytes, more than the ${maxBytes} that are read`);
    return await file.readFile();
  } finally {
    await file.close();
  }
};
