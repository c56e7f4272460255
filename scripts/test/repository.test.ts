import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LockEntry, missingPlatforms, platformOf } from "../platforms.ts";
import { entriesOf, packages, readJson, root, workspacesIn } from "../workspace.ts";

/** Who may import whom, below `@gradloom/`: the arrows of the architecture. Later packages get a row here. */
const mayImport: Record<string, readonly string[]> = {
  backend: [],
  codegen: ["backend"],
  "backend-webgpu": ["backend", "codegen"],
  "backend-reference": ["backend"],
  "backend-cpu": ["backend"],
  tensor: ["backend", "backend-cpu"],
  autograd: ["tensor"],
  datasets: ["backend", "tensor"],
  layers: ["autograd", "tensor"],
  models: ["layers", "regularization", "tensor"],
  metrics: ["autograd", "layers", "tensor"],
  optimizers: ["autograd", "layers", "tensor"],
  regularization: ["autograd", "layers", "tensor"],
  training: ["autograd", "layers", "optimizers", "regularization", "tensor"],
  gradloom: [
    "autograd",
    "datasets",
    "layers",
    "metrics",
    "models",
    "optimizers",
    "regularization",
    "serialization",
    "tensor",
    "training",
  ],
  serialization: ["backend", "tensor"],
};

/** What a package loads only when asked for, with `import()`: optional dependencies. */
const mayLoad: Record<string, readonly string[]> = {
  tensor: ["backend-reference", "backend-webgpu"],
};

const all = packages();
const byFolder = all.map((each) => [each.folder, each] as const);
const readme = readFileSync(join(root, "README.md"), "utf8");

const staticImport = /\b(?:from|import)\s*"([@\w./:-]+)"/g;
const dynamicImport = /\bimport\(\s*"([^"]+)"/g;

/** Lines of documentation comments show imports as users write them. */
const importsOf = (file: string, pattern: RegExp): string[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\*|\/\/|\/\*)/.test(line))
    .flatMap((line) => [...line.matchAll(pattern)].map((match) => match[1] as string));

const packageOf = (specifier: string): string => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

test("all packages have one version", () => {
  expect(new Set(all.map(({ manifest }) => manifest.version)).size).toBe(1);
});

test("a release moves all packages together", () => {
  const { fixed } = readJson<{ fixed: string[][] }>(".changeset/config.json");
  expect(fixed).toEqual([["{@gradloom/*,gradloom}"]]);
});

describe.each(byFolder)("packages/%s", (folder, each) => {
  const { manifest, path, sources } = each;
  test("package.json says what every package says", () => {
    expect(manifest).toMatchObject({
      name: folder === "gradloom" ? "gradloom" : `@gradloom/${folder}`,
      private: false,
      license: "MIT",
      type: "module",
      sideEffects: false,
      files: ["dist"],
      engines: { node: ">=20" },
      publishConfig: { access: "public" },
      scripts: { build: "tsup --config ../../tsup.config.ts" },
    });
    expect(manifest.description).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(manifest.exports)).toContain(".");
    expect(Object.keys(manifest.exports).at(-1)).toBe("./package.json");
  });

  test("every entry of exports is one source file, for import and require", () => {
    for (const { entry } of entriesOf(each)) {
      const name = /^\.\/dist\/(.+)\.js$/.exec(entry.import.default)?.[1];
      expect(entry).toEqual({
        import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
        require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
      });
      expect(sources).toContain(`${name}.ts`);
    }
  });

  test("depends only on what the architecture allows, at the common version", () => {
    expect(Object.keys(mayImport)).toContain(folder);
    const allowed = { dependencies: mayImport[folder] ?? [], optionalDependencies: mayLoad[folder] ?? [] };
    for (const kind of ["dependencies", "optionalDependencies"] as const) {
      for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
        if (!name.startsWith("@gradloom/")) continue;
        expect(allowed[kind]).toContain(name.slice("@gradloom/".length));
        expect(range).toBe(`^${manifest.version}`);
      }
    }
  });

  test("installs nothing that only some users need: such packages are optional peers", () => {
    const peers = Object.keys(manifest.peerDependencies ?? {});
    expect(manifest.peerDependenciesMeta ?? {}).toEqual(
      Object.fromEntries(peers.map((name) => [name, { optional: true }])),
    );
    expect(Object.keys(manifest.optionalDependencies ?? {}).filter((name) => !name.startsWith("@gradloom/"))).toEqual(
      [],
    );
  });

  test("sources import declared packages, optional ones with import(), and their own files by name", () => {
    const required = Object.keys(manifest.dependencies ?? {});
    const optional = Object.keys({ ...manifest.optionalDependencies, ...manifest.peerDependencies });
    const problem = (source: string, specifier: string, declared: readonly string[]): string | undefined => {
      if (specifier.startsWith(".")) {
        if (!specifier.endsWith(".ts")) return "must end in .ts";
        return join(source, "..", specifier) === "index.ts" ? "is for other packages" : undefined;
      }
      if (specifier.startsWith("node:") || declared.includes(packageOf(specifier))) return undefined;
      return `is not among ${declared.join(", ") || "the dependencies (none)"} in package.json`;
    };
    const wrong = sources.flatMap((source) => {
      const file = join(path, "src", source);
      return [
        ...importsOf(file, staticImport).map((name) => [name, problem(source, name, required)] as const),
        ...importsOf(file, dynamicImport).map(
          (name) => [name, problem(source, name, [...required, ...optional])] as const,
        ),
      ].flatMap(([name, what]) => (what === undefined ? [] : [`${source}: "${name}" ${what}`]));
    });
    expect(wrong).toEqual([]);
  });

  test("has a README and a row in the table of packages", () => {
    expect(readFileSync(join(path, "README.md"), "utf8")).toMatch(new RegExp(`^# ${manifest.name}\n`));
    expect(readme).toContain(`packages/${folder}`);
  });
});

describe("package-lock.json", () => {
  const kinds = ["dependencies", "optionalDependencies", "devDependencies"] as const;
  const lock = readJson<{ packages: Record<string, LockEntry> }>("package-lock.json").packages;

  test("knows every workspace as it is (run npm run lock when this fails)", () => {
    const folders = ["packages", "examples"].flatMap((parent) =>
      workspacesIn(parent).map((name) => `${parent}/${name}`),
    );
    if (existsSync(join(root, "benchmarks/package.json"))) folders.push("benchmarks");
    for (const folder of folders) {
      const manifest = readJson<LockEntry>(`${folder}/package.json`);
      for (const kind of kinds) {
        expect({ folder, [kind]: lock[folder]?.[kind] }).toEqual({ folder, [kind]: manifest[kind] });
      }
      expect(lock[`node_modules/${manifest.name}`]).toMatchObject({ resolved: folder, link: true });
    }
  });

  test("lists the native packages of every platform (run npm run lock when this fails)", () => {
    expect(missingPlatforms(lock)).toEqual([]);
  });

  test("knows platforms by their names", () => {
    expect(platformOf("@rollup/rollup-linux-arm-musleabihf")).toEqual({ cpu: ["arm"], os: ["linux"], libc: ["musl"] });
    expect(platformOf("@turbo/windows-64")).toEqual({ cpu: ["x64"], os: ["win32"] });
    expect(platformOf("fsevents")).toBeUndefined();
    const known = Object.entries(lock).filter(([path, { cpu, os }]) => cpu && os && platformOf(path));
    expect(known.length).toBeGreaterThan(20);
    for (const [path, { cpu, os }] of known) {
      const platform = platformOf(path);
      expect(cpu).toEqual(platform?.cpu);
      expect(os).toContain(platform?.os?.[0]);
    }
  });

  test("names no registry", () => {
    const registries = Object.values(lock).filter(({ resolved }) => resolved?.includes("://"));
    expect(registries).toEqual([]);
  });
});
