import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** How a public entry of a package is built, e.g. `"."` or `"./conformance"`. */
export interface Entry {
  import: { types: string; default: string };
  require: { types: string; default: string };
}

export interface Manifest {
  name: string;
  version: string;
  private: boolean;
  description: string;
  license: string;
  type: string;
  sideEffects: boolean;
  exports: Record<string, string | Entry>;
  files: string[];
  engines: Record<string, string>;
  scripts: Record<string, string>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
}

export interface Package {
  folder: string;
  path: string;
  manifest: Manifest;
  /** Paths below `src`, e.g. `index.ts`. */
  sources: string[];
}

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), "utf8")) as T;

/** The folders with a package.json inside `parent`. */
export const workspacesIn = (parent: string): string[] =>
  existsSync(join(root, parent))
    ? readdirSync(join(root, parent))
        .filter((name) => existsSync(join(root, parent, name, "package.json")))
        .sort()
    : [];

/** Every published package. */
export const packages = (): Package[] =>
  workspacesIn("packages").map((folder) => {
    const path = join(root, "packages", folder);
    const sources = readdirSync(join(path, "src"), { recursive: true, encoding: "utf8" })
      .map((name) => name.replaceAll("\\", "/"))
      .filter((name) => name.endsWith(".ts"))
      .sort();
    return { folder, path, manifest: readJson<Manifest>(`packages/${folder}/package.json`), sources };
  });

/** The entries of `exports` that are code, with their names as a user imports them. */
export const entriesOf = ({ manifest }: Package): { specifier: string; entry: Entry }[] =>
  Object.entries(manifest.exports).flatMap(([key, entry]) =>
    typeof entry === "string" ? [] : [{ specifier: manifest.name + key.slice(1), entry }],
  );

/** Prints rows as an aligned table; numbers are set flush right. */
export const printTable = (rows: readonly (readonly (string | number)[])[]): void => {
  const widths = rows.reduce<number[]>((max, row) => row.map((cell, i) => Math.max(max[i] ?? 0, `${cell}`.length)), []);
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      typeof cell === "number" ? `${cell}`.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
    );
    console.log(`  ${cells.join("  ")}`.trimEnd());
  }
};
