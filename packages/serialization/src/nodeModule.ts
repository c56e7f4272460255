import { UnsupportedError } from "@gradloom/backend";

interface NodeModules {
  "node:crypto": typeof import("node:crypto");
  "node:fs/promises": typeof import("node:fs/promises");
  "node:path": typeof import("node:path");
}

/** One of Node's own modules, loaded when it is used and without a name that bundlers for browsers would follow. */
export const nodeModule = async <K extends keyof NodeModules>(name: K): Promise<NodeModules[K]> => {
  if (globalThis.process?.versions?.node === undefined) {
    throw new UnsupportedError(name, "needs Node, and there are no files here", "use the functions for bytes");
  }
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: K) => NodeModules[K] | undefined };
  return (
    getBuiltinModule?.(name) ?? (import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<NodeModules[K]>)
  );
};
