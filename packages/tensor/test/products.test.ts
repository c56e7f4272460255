import { gradients } from "@gradloom/autograd";
import type { Tensor } from "../src/index.ts";
import { matmul, useDevice, zeros } from "../src/index.ts";
import { products } from "./rows/products.ts";
import { testRows } from "./support/runner.ts";

testRows(products);

/** The primitives that a tensor is computed with. */
const primitives = (x: Tensor, seen = new Set<Tensor>()): string[] => {
  if (seen.has(x)) return [];
  seen.add(x);
  return [x.primitive.name, ...x.inputs.flatMap((input) => primitives(input, seen))];
};

test("the gradient of a weight under batches is one matrix product, never a sum of products", async () => {
  await useDevice("reference");
  const x = zeros([8, 5, 3]).add(1);
  const w = zeros([3, 4]);
  const [g] = gradients(matmul(x, w).square().sum(), [w]) as [Tensor];
  expect(g.shape).toEqual([3, 4]);
  // One for the value, one for the gradient; both of rank 2.
  expect(primitives(g).filter((name) => name === "matmul")).toHaveLength(2);
  expect(primitives(g)).not.toContain("sum");
});
