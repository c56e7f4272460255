import { FormatError } from "@gradloom/backend";
import { fetchCached } from "../files/fetchCached.ts";
import { readFile } from "../files/readFile.ts";

/** Splits an address into its folder and its last name. */
const parts = (address: string): [string, string] => {
  const at = address.lastIndexOf("/");
  return [address.slice(0, at), address.slice(at + 1)];
};

/** The text (UTF-8) of a file, or of an address that begins with http. */
export const readText = async (path: string, maxBytes = 2 ** 28): Promise<string> => {
  const [folder, name] = parts(path);
  const bytes = /^https?:/.test(path) ? await fetchCached({ name }, [folder]) : await readFile(path, maxBytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(path, "is no UTF-8 text");
  }
};
