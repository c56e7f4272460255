import { readFileSync } from "node:fs";
import { join } from "node:path";
import { syntheticDigits } from "@gradloom/datasets";
import { train } from "../src/train.ts";

test("learns drawn digits", async () => {
  const accuracy = await train(syntheticDigits({ count: 1500, seed: 1 }), syntheticDigits({ count: 500, seed: 2 }), 3);
  expect(accuracy).toBeGreaterThan(0.85);
}, 120_000);

test("stays under 60 lines", () => {
  const lines = ["train.ts", "main.ts"].map((name) =>
    readFileSync(join(__dirname, "../src", name), "utf8").split("\n"),
  );
  expect(lines.flat().length).toBeLessThan(60);
});
