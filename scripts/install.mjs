import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const lockedPackages = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
};

/** Whether every package of the lock file is in node_modules, by npm's own record of what it has put there. */
export function isInstalled() {
  const wanted = lockedPackages("package-lock.json");
  const present = lockedPackages("node_modules/.package-lock.json");
  if (!wanted) throw new Error("package-lock.json is missing or unreadable; restore it with git");
  if (!present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return true;
    const found = present[path];
    if (!found) return entry.optional === true;
    return found.version === entry.version;
  });
}

/** Installs what the lock file names, once, so that a command works on a fresh clone. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.error("Installing the development tools (npm ci), once; later runs skip this.");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = { cwd: root, stdio: ["ignore", 2, "inherit"] };
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (status !== 0) {
    console.error("npm ci failed; fix what it says above and run the command again.");
    process.exit(status ?? 1);
  }
}

/** Runs a Node program of node_modules (or of the repository) with the repository's root as its working directory. */
export function runNode(program, args, env = {}, options = []) {
  const result = spawnSync(process.execPath, [...options, join(root, program), ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (result.error) throw result.error;
  return result.status ?? 1;
}
