import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LockEntry, missingPlatforms, platformOf } from "./platforms.ts";
import { readJson, root } from "./workspace.ts";

// npm leaves out of the lock file the packages of other platforms that the registry in use does not carry, and `npm ci` then
// refuses it everywhere ("Missing ... from lock file"). This adds them by name and exact version, so that one lock file
// serves every platform.
const lock = readJson<{ packages: Record<string, LockEntry> }>("package-lock.json");
const missing = missingPlatforms(lock.packages);
for (const { path, name, version, dev } of missing) {
  const { cpu, libc, os } = platformOf(name) ?? {};
  if (cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${path} wants ${name}@${version}, which is not in the lock file and names no platform`);
  }
  lock.packages[`node_modules/${name}`] = {
    version,
    cpu,
    ...(dev && { dev }),
    ...(libc && { libc }),
    optional: true,
    ...(os && { os }),
  };
}
if (missing.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync(join(root, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
}
console.log(`package-lock.json: ${missing.length} packages of other platforms added`);
