import { UnsupportedError } from "@gradloom/backend";

/**
 * Loads an optional dependency.
 *
 * @throws UnsupportedError that says what to install when it is missing.
 */
export const optional = async <M>(op: string, name: string, load: () => Promise<M>): Promise<M> => {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    throw new UnsupportedError(op, `needs the package ${name} (${message.split("\n")[0]})`, `run npm install ${name}`);
  }
};
