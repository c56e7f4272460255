import { UnsupportedError } from "@gradloom/tensor";

interface NodeModules {
  "node:fs/promises": typeof import("node:fs/promises");
  "node:os": typeof import("node:os");
}

/** One of Node's own modules, loaded when it is used and without a name that bundlers for browsers would follow. */
export const nodeModule = async <K extends keyof NodeModules>(name: K): Promise<NodeModules[K]> => {
  if (globalThis.process?.versions?.node === undefined) {
    throw new UnsupportedError("tensorBoard", `needs Node's ${name}, and there are no files here`, "use jsonLines");
  }
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: K) => NodeModules[K] | undefined };
  return (
    getBuiltinModule?.(name) ?? (import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<NodeModules[K]>)
  );
};
