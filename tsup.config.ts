import { copyFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Options } from "tsup";

// The build of every package; tsup runs in the package's folder, and a package needs no configuration of its own.
const root = new URL(".", import.meta.url);

interface Manifest {
  exports: Record<string, string | { import: { default: string } }>;
  optionalDependencies?: Record<string, string>;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

/** The sources behind the package's `exports`: `dist/<name>.js` comes from `src/<name>.ts`. */
const publicEntries = Object.values(manifest.exports).flatMap((target) => {
  const name = typeof target === "object" ? /^\.\/dist\/(.+)\.js$/.exec(target.import.default)?.[1] : undefined;
  return name === undefined ? [] : [`src/${name}.ts`];
});

/** Every source file stays a file of its own, so that bundlers leave out, whole, the files a user does not need. */
const oneFilePerSource: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "one-file-per-source",
  setup(build) {
    const extension = build.initialOptions.format === "cjs" ? ".cjs" : ".js";
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path, kind }) =>
      kind === "entry-point"
        ? undefined
        : { path: path.replace(/\.ts$/, extension), external: true, sideEffects: false },
    );
  },
};

export default defineConfig({
  entry: ["src/**/*.ts"],
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  tsconfig: "../../tsconfig.json",
  dts: {
    entry: publicEntries,
    // tsup sets a baseUrl from which the paths of tsconfig.json lead nowhere; TypeScript 6 wants silence about any baseUrl. Types are
    // checked by `npm run types`, once for all packages.
    compilerOptions: { baseUrl: fileURLToPath(root), ignoreDeprecations: "6.0", incremental: false, noCheck: true },
  },
  // tsup leaves dependencies and peer dependencies outside by itself, but not optional ones.
  external: Object.keys(manifest.optionalDependencies ?? {}),
  esbuildPlugins: [oneFilePerSource],
  esbuildOptions: (options, { format }) => {
    // For this platform esbuild writes down the names that a file exports: without, `import()` of a CommonJS file finds none.
    if (format === "cjs") options.platform = "node";
  },
  splitting: false,
  sourcemap: true,
  shims: true,
  clean: true,
  silent: true,
  onSuccess: async () => copyFileSync(new URL("LICENSE", root), "dist/LICENSE"),
});
