import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gradients } from "@gradloom/autograd";
import type { Tensor } from "../src/index.ts";
import { isFloat, tensor, useDevice } from "../src/index.ts";
import { primitives } from "../src/primitives.ts";
import { rows } from "./rows/index.ts";
import type { OpRow } from "./support/row.ts";

type AnyPrimitive = Tensor["primitive"];

const listed = new Set<unknown>(Object.values(primitives));

const isPrimitive = (value: unknown): value is AnyPrimitive =>
  typeof value === "object" && value !== null && "infer" in value && "lower" in value && "gradient" in value;

/** Primitives behind tensors, leaves left out. */
const behind = (targets: readonly Tensor[], found: Set<AnyPrimitive>): void => {
  const seen = new Set<Tensor>();
  const stack = [...targets];
  for (let t = stack.pop(); t !== undefined; t = stack.pop()) {
    if (seen.has(t)) continue;
    seen.add(t);
    if (t.primitive.lower.kind !== "leaf") found.add(t.primitive);
    stack.push(...t.inputs);
  }
};

const list = (results: Tensor | readonly Tensor[]): readonly Tensor[] =>
  Array.isArray(results) ? results : [results as Tensor];

/** The primitives of a row's samples and of their gradients. */
const primitivesOf = async (row: OpRow): Promise<Set<AnyPrimitive>> => {
  const found = new Set<AnyPrimitive>();
  for (const sample of row.samples) {
    const type = sample.only?.[0] ?? "float32";
    const inputs = sample.inputs.map(({ shape, data, dtype }) =>
      tensor(data as number[], { shape, dtype: dtype ?? type }),
    );
    const results = list(await sample.call(...inputs));
    behind(results, found);
    const floats = inputs.filter(({ dtype }) => isFloat(dtype));
    if (!row.gradient || floats.length === 0) continue;
    const losses = results.filter(({ dtype }) => isFloat(dtype)).map((y) => y.sum());
    if (losses.length > 0) behind(gradients(losses.reduce((a, b) => a.add(b)) as Tensor, floats), found);
  }
  return found;
};

beforeAll(async () => {
  await useDevice("reference");
});

test("the list holds every primitive that the operations' files define", async () => {
  const folder = join(__dirname, "../src/ops");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const missing: string[] = [];
  for (const file of files) {
    const module: object = await import(join(folder, file));
    for (const [name, value] of Object.entries(module)) {
      if (isPrimitive(value) && !listed.has(value)) missing.push(`${name} of ${file}`);
    }
  }
  expect(missing).toEqual([]);
});

test("names are unique", () => {
  const names = Object.values(primitives).map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test("the rows make every primitive of the list, and no other", async () => {
  const found = new Set<AnyPrimitive>();
  for (const row of Object.values<OpRow>(rows)) for (const primitive of await primitivesOf(row)) found.add(primitive);
  const unlisted = [...found].filter((primitive) => !listed.has(primitive)).map(({ name }) => name);
  const unused = Object.entries(primitives).filter(([, primitive]) => !found.has(primitive as AnyPrimitive));
  expect({ unlisted, unused: unused.map(([name]) => name) }).toEqual({ unlisted: [], unused: [] });
});
