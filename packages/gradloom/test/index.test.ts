import * as autograd from "@gradloom/autograd";
import * as layers from "@gradloom/layers";
import * as models from "@gradloom/models";
import * as optimizers from "@gradloom/optimizers";
import * as regularization from "@gradloom/regularization";
import * as tensor from "@gradloom/tensor";
import * as all from "../src/index.ts";

/** Two packages that export one name would make it disappear from the umbrella without a word. */
test.each(Object.entries({ autograd, layers, models, optimizers, regularization, tensor }))(
  "everything of %s is here by its own name",
  (_, exported) => {
    const reached = new Map<string, unknown>(Object.entries(all));
    expect(Object.entries(exported).filter(([name, value]) => reached.get(name) !== value)).toEqual([]);
  },
);

test("the rest is in namespaces", () => {
  expect(all.training.evaluate).not.toBe(all.evaluate);
  expect(all.training.fit).toBe(all.fit);
  expect(Object.keys(all.datasets)).toContain("mnist");
  expect(Object.keys(all.metrics).length).toBeGreaterThan(0);
  expect(Object.keys(all.serialization)).toContain("saveSafetensors");
});
