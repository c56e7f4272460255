import { createReferenceBackend } from "@gradloom/backend-reference";
import { memory, tensor, useDevice, Variable } from "@gradloom/tensor";
import { EarlyStopping } from "../src/index.ts";

beforeEach(async () => {
  await useDevice(createReferenceBackend());
});

test("stops after `patience` values without improvement", () => {
  const stopping = new EarlyStopping({ patience: 2 });
  expect([3, 2, 2.5, 2.1].map((value) => stopping.step(value))).toEqual([false, false, false, true]);
  expect([stopping.best, stopping.bestAt, stopping.waited]).toEqual([2, 1, 2]);
});

test("a patience of 0 stops at the first value that is no improvement", () => {
  const stopping = new EarlyStopping();
  expect([3, 2, Number.NaN].map((value) => stopping.step(value))).toEqual([false, false, true]);
});

test("changes below minDelta count for nothing, in either direction", () => {
  const down = new EarlyStopping({ patience: 1, minDelta: 0.5 });
  expect([3, 2.6].map((value) => down.step(value))).toEqual([false, true]);
  const up = new EarlyStopping({ patience: 1, minDelta: 0.5, mode: "max" });
  expect([3, 4, 4.4].map((value) => up.step(value))).toEqual([false, false, true]);
});

test("brings back the best weights", async () => {
  const w = new Variable(tensor([0]));
  const stopping = new EarlyStopping({ patience: 3, variables: [w] });
  for (const [weight, value] of [
    [1, 5],
    [2, 4],
    [3, 6],
    [4, 3],
    [5, 9],
  ] as const) {
    w.assign(tensor([weight]));
    stopping.step(value);
  }
  expect(await w.value.array()).toEqual([5]);
  stopping.restore();
  expect(await w.value.array()).toEqual([4]);
  w.assign(tensor([7]));
  stopping.restore();
  expect(await w.value.array()).toEqual([4]);
  stopping.dispose();
  expect(memory().liveBytes).toBe(4);
});

test("refuses options and values that make no sense", () => {
  expect(() => new EarlyStopping({ patience: -1 })).toThrow("[EarlyStopping] patience is a whole number >= 0, got -1");
  expect(() => new EarlyStopping({ minDelta: -1 })).toThrow("[EarlyStopping] minDelta is a number >= 0, got -1");
  expect(() => new EarlyStopping({ mode: "up" as "max" })).toThrow("[EarlyStopping] mode is min or max, got up");
  expect(() => new EarlyStopping().restore()).toThrow(
    "[EarlyStopping] has nothing to restore; give variables, and call step(value) first",
  );
  expect(() => new EarlyStopping().step("1" as unknown as number)).toThrow(
    "[EarlyStopping] takes numbers, got 1; await tensor.item()",
  );
});
