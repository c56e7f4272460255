import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyModule } from "@gradloom/layers";
import * as L from "@gradloom/layers";
import type { Shape, Tensor } from "@gradloom/tensor";
import type { LayerName, WrapperName } from "./rows/layers.ts";
import { layerRows } from "./rows/layers.ts";
import type { LossName } from "./rows/losses.ts";
import { lossRows } from "./rows/losses.ts";

type Initializer = {
  [K in keyof typeof L]: (typeof L)[K] extends (shape: Shape, options?: never) => Tensor ? K : never;
}[keyof typeof L];

/** What is exported beside layers, losses and initializers, and the test that is about it. */
const others: Record<
  Exclude<keyof typeof L, LayerName | WrapperName | LossName | Initializer> | "ModuleList" | "ModuleDict",
  string
> = {
  Module: "module.test.ts",
  ModuleList: "module.test.ts",
  ModuleDict: "module.test.ts",
  compose: "module.test.ts",
  fans: "initializers.test.ts",
  gain: "initializers.test.ts",
};

test("everything that is exported is tested and is in the tables of the documentation", () => {
  const initializers = readFileSync(join(__dirname, "initializers.test.ts"), "utf8");
  const documentation = readFileSync(join(__dirname, "../../../docs/layers.md"), "utf8");
  for (const name of Object.keys(L)) {
    const place = others[name as keyof typeof others];
    const tested =
      name in layerRows ||
      name in lossRows ||
      (place === undefined
        ? initializers.includes(`${name}: {`)
        : readFileSync(join(__dirname, place), "utf8").includes(name));
    expect({ name, tested, documented: documentation.includes(`\`${name}\``) }).toEqual({
      name,
      tested: true,
      documented: true,
    });
  }
});

test("classes are called what they are exported as", () => {
  for (const [name, value] of Object.entries(L)) {
    if (/^[A-Z]/.test(name)) expect((value as unknown as new () => AnyModule).name).toBe(name);
  }
});
