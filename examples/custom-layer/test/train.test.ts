import { gradients } from "@gradloom/autograd";
import { sigmoid, tensor } from "@gradloom/tensor";
import { swish } from "../src/swishLayer.ts";
import { train } from "../src/train.ts";

test("the gradient is that of the formula", async () => {
  const x = tensor([-2, -0.5, 0, 1, 3]);
  const b = tensor([1, 2, 0.5, 1.5, 1]);
  const own = gradients(swish(x, b).sum(), [x, b]);
  const plain = gradients(x.mul(sigmoid(x.mul(b))).sum(), [x, b]);
  for (const i of [0, 1]) {
    const [got, expected] = [await own[i]?.data(), await plain[i]?.data()];
    for (const [k, value] of (expected ?? []).entries()) expect(got?.[k]).toBeCloseTo(Number(value), 5);
  }
});

test("a network with the layer learns a circle", async () => {
  expect(await train()).toBeGreaterThan(0.95);
}, 60_000);
