// Native tools come as one optional package per platform, e.g. @rollup/rollup-linux-x64-musl.

export interface LockEntry {
  name?: string;
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors: Record<string, RegExp> = {
  arm: /\barm(v\d)?\b/,
  arm64: /\b(arm64|aarch64)\b/,
  ia32: /\bia32\b/,
  loong64: /\bloong64\b/,
  mips64el: /\bmips64el\b/,
  ppc64: /\bppc64(le)?\b/,
  riscv64: /\briscv64\b/,
  s390x: /\bs390x\b/,
  wasm32: /\bwasm32\b/,
  x64: /\b(x64|x86_64|amd64|64)\b/,
};

/** What a platform package says of itself, read from its name; undefined for other names. */
export const platformOf = (name: string): Pick<LockEntry, "cpu" | "os" | "libc"> | undefined => {
  const words = name.slice(name.indexOf("/") + 1).replace(/\bwindows\b/, "win32");
  const os = systems.find((system) => new RegExp(`\\b${system}\\b`).test(words));
  const cpu = Object.keys(processors).find((processor) => processors[processor]?.test(words));
  if (cpu === undefined || (os === undefined && cpu !== "wasm32")) return undefined;
  const result: Pick<LockEntry, "cpu" | "os" | "libc"> = { cpu: [cpu] };
  if (os !== undefined) result.os = [os];
  if (os === "linux" && /musl/.test(words)) result.libc = ["musl"];
  if (os === "linux" && /gnu|glibc/.test(words)) result.libc = ["glibc"];
  return result;
};

/** The optional dependencies that packages of a lock file ask for and that it does not list. */
export const missingPlatforms = (
  packages: Record<string, LockEntry>,
): { path: string; name: string; version: string; dev: boolean }[] =>
  Object.entries(packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).flatMap(([name, version]) => {
      for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
        if (packages[`${at}/node_modules/${name}`]) return [];
      }
      return packages[`node_modules/${name}`] ? [] : [{ path, name, version, dev: entry.dev === true }];
    }),
  );
