import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import { build } from "esbuild";

const root = join(__dirname, "../../..");

const bundle = (contents: string, options: BuildOptions) =>
  build({
    stdin: { contents, resolveDir: __dirname },
    tsconfig: join(root, "tsconfig.json"),
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    ...options,
  });

/** What a program prints as JSON after a bundler has renamed everything that it can. */
const runMinified = async (contents: string): Promise<unknown> => {
  const { outputFiles } = await bundle(contents, { platform: "node", minify: true, external: ["webgpu"] });
  const input = outputFiles?.[0]?.text ?? "";
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module"], { input, encoding: "utf8" }));
};

test("a browser's bundle of everything looks for no modules of Node", async () => {
  expect(await bundle('export * from "gradloom"', { platform: "browser" })).toMatchObject({ errors: [], warnings: [] });
}, 60_000);

test("classes are called what they are exported as", async () => {
  const wrong = await runMinified(`
    import * as all from "gradloom";
    const isClass = (value) => value.prototype instanceof all.Module || value.prototype instanceof Error;
    const found = [all, all.datasets, all.training].flatMap((exported) =>
      Object.entries(exported).filter(([, value]) => typeof value === "function" && isClass(value)),
    );
    console.log(JSON.stringify({ count: found.length, wrong: found.filter(([name, { name: own }]) => name !== own) }));
  `);
  expect(wrong).toEqual({ count: expect.any(Number), wrong: [] });
  expect((wrong as { count: number }).count).toBeGreaterThan(80);
}, 60_000);

const rows: Record<string, [code: string, printed: unknown]> = {
  "an error of a layer": [
    `try { new g.Sequential(new g.Linear(2, 3)).call(g.zeros([1, 4])); } catch (e) { print([e.name, e.message]); }`,
    ["ShapeError", expect.stringMatching(/^\[0 Linear\] /)],
  ],
  "an error of a convolution": [
    `try { new g.Conv2d(4, 4, 3, { groups: 3 }); } catch (e) { print([e.name, e.message]); }`,
    ["ArgumentError", "[Conv2d] groups divide both channels, got 3 for 4 and 4"],
  ],
  "an error of an optimizer": [
    `try { new g.Adam([]); } catch (e) { print([e.name, e.message]); }`,
    ["ArgumentError", expect.stringMatching(/^\[Adam\] /)],
  ],
  "a summary": [
    `print(new g.Sequential(new g.Conv2d(1, 2, 3), g.relu, new g.Flatten(), new g.Dropout()).summary([1, 3, 3, 1]).rows.map(r => r.kind));`,
    ["Sequential", "Conv2d", "Lambda", "Flatten", "Dropout"],
  ],
};

test.each(Object.entries(rows))(
  "%s has its names",
  async (_, [code, printed]) => {
    const program = `import * as g from "gradloom"; const print = (x) => console.log(JSON.stringify(x)); ${code}`;
    expect(await runMinified(program)).toEqual(printed);
  },
  60_000,
);
