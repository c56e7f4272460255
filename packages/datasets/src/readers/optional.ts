import { UnsupportedError } from "@gradloom/backend";

interface OptionalModules {
  "csv-parse/sync": typeof import("csv-parse/sync");
  "jpeg-js": typeof import("jpeg-js");
  pngjs: typeof import("pngjs");
}

/**
 * Loads an optional dependency when it is used, without a name that bundlers would follow: it may be missing.
 *
 * @throws UnsupportedError that says what to install when it is.
 */
export const optional = async <K extends keyof OptionalModules>(op: string, name: K): Promise<OptionalModules[K]> => {
  try {
    return await (import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<OptionalModules[K]>);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || error instanceof TypeError;
    if (!missing) throw error;
    const [install] = name.split("/");
    throw new UnsupportedError(
      op,
      `needs the package ${install} (${message.split("\n")[0]})`,
      `run npm install ${install}; in browsers, name it in an import map`,
    );
  }
};
