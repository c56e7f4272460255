import { UnsupportedError } from "@gradloom/backend";

interface NodeModules {
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:fs/promises": typeof import("node:fs/promises");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:worker_threads": typeof import("node:worker_threads");
  tar: typeof import("tar");
}

/** Whether there are files, processes and the rest of Node. */
export const runsInNode = (): boolean => globalThis.process?.versions?.node !== undefined;

/** One of Node's own modules, or one that needs them, loaded when it is used and without a name that bundlers for browsers would follow. */
export const nodeModule = async <K extends keyof NodeModules>(name: K): Promise<NodeModules[K]> => {
  if (!runsInNode()) {
    throw new UnsupportedError(name, "needs Node, and there are no files here", "give a URL");
  }
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: K) => NodeModules[K] | undefined };
  return (
    getBuiltinModule?.(name) ?? (import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<NodeModules[K]>)
  );
};
