import { nodeModule } from "./nodeModule.ts";

/** The user's folder for data that can be loaded again: `$XDG_CACHE_HOME/gradloom`, or the system's own place for such things. */
export const cacheFolder = async (): Promise<string> => {
  const { homedir } = await nodeModule("node:os");
  const { join } = await nodeModule("node:path");
  const { env, platform } = process;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "gradloom");
  if (platform === "win32" && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, "gradloom", "cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "gradloom");
  return join(homedir(), ".cache", "gradloom");
};
