import { syntheticDigits } from "@gradloom/datasets";
import { train } from "../src/train.ts";

test("learns drawn digits", async () => {
  const [images, test] = [syntheticDigits({ count: 2000, seed: 1 }), syntheticDigits({ count: 500, seed: 2 })];
  expect(await train(images, test, 4)).toBeGreaterThan(0.75);
}, 60_000);
