import { UnsupportedError } from "@gradloom/backend";

interface NodeModules {
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:fs/promises": typeof import("node:fs/promises");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:readline": typeof import("node:readline");
  "node:worker_threads": typeof import("node:worker_threads");
  "node:zlib": typeof import("node:zlib");
}

/** Whether there are files, processes and the rest of Node. */
export const runsInNode = (): boolean => globalThis.process?.versions?.node !== undefined;

/** One of Node's own modules, loaded when it is used and without a name that bundlers for browsers would follow. */
export const nodeModule = async <K extends keyof NodeModules>(name: K): Promise<NodeModules[K]> => {
  if (!runsInNode()) {
    throw new UnsupportedError(name, "is a part of Node, and there are no files here", "give a URL");
  }
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name) as Promise<NodeModules[K]>;
};
