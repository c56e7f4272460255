import type { Backend } from "@gradloom/backend";
import { type ConformanceOptions, compare, conformance, conformanceCases } from "@gradloom/backend/conformance";

/** Registers the suite with functions that only collect its tests. */
const collect = (options: Partial<ConformanceOptions>): Map<string, () => Promise<void>> => {
  const tests = new Map<string, () => Promise<void>>();
  const world = globalThis as unknown as Record<string, unknown>;
  const saved = ["describe", "test", "beforeAll", "afterAll"].map((name) => [name, world[name]] as const);
  const backend = { traits: { storage: { has: () => true }, compute: { has: () => true } } } as unknown as Backend;
  try {
    world.describe = (_: string, body: () => void) => body();
    world.test = (name: string, body: () => Promise<void>) => tests.set(name, body);
    world.beforeAll = (body: () => unknown) => body();
    world.afterAll = () => {};
    conformance({ create: () => backend, reference: backend, ...options });
  } finally {
    for (const [name, value] of saved) world[name] = value;
  }
  return tests;
};

test("every check has a name of its own", () => {
  const names = conformanceCases().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(collect({}).size).toBeGreaterThan(1500);
});

test("names that no check has are refused", () => {
  expect(() => collect({ skip: { "map/nothing": "never" } })).toThrow('[conformance] no check is named "map/nothing"');
  expect(() => collect({ tolerances: { "nothing/*": { ulps: 1, absolute: 0 } } })).toThrow(
    '[conformance] no check is named "nothing/*"',
  );
});

test("a skipped check runs, and must fail", async () => {
  const tests = collect({ skip: { "run/nothing": "slow", "sort/*": "missing" } });
  // The stand-in for a backend has no functions, so its checks fail.
  await new Promise((resolve) => setTimeout(resolve));
  await expect(tests.get("run/nothing (skipped: slow)")?.()).resolves.toBeUndefined();
  await expect(tests.get("sort/[5] (skipped: missing)")?.()).resolves.toBeUndefined();
  await expect(tests.get("run/commands see the results of earlier ones")?.()).rejects.toThrow();
  const traits = { storage: new Set(["float32", "int32", "bool"]), compute: new Set(["float32", "int32", "bool"]) };
  const good = { name: "good", traits: { ...traits, maxBuffers: 8, alignment: 64 } } as unknown as Backend;
  const passing = collect({ create: () => good, skip: { "traits/what every backend has": "wrongly" } });
  await new Promise((resolve) => setTimeout(resolve));
  await expect(passing.get("traits/what every backend has (skipped: wrongly)")?.()).rejects.toThrow(
    '"traits/what every backend has" passes; remove it from the skips',
  );
});

test("comparing tells what differs", () => {
  const [a, b] = [Float32Array.of(1, 2, 3), Float32Array.of(1, 2.5, 3)];
  const exact = { ulps: 0, absolute: 0 };
  expect(() => compare("y", "float32", a, b, exact, false)).toThrow(
    "y: element 1 is 2 instead of 2.5 (allowed 0.00e+0); 1 of 3 elements differ",
  );
  const [zero, minus] = [Float32Array.of(0), Float32Array.of(-0)];
  expect(() => compare("y", "float32", zero, minus, exact, false)).not.toThrow();
  expect(() => compare("y", "float32", zero, minus, exact, true)).toThrow("element 0 is 0 instead of -0");
  const next = Float32Array.of(1 + 2 ** -23);
  expect(() => compare("y", "float32", next, Float32Array.of(1), exact, false)).toThrow();
  expect(() => compare("y", "float32", next, Float32Array.of(1), { ulps: 1, absolute: 0 }, false)).not.toThrow();
  const nan = Float32Array.of(Number.NaN);
  expect(() => compare("y", "float32", nan, nan, exact, true)).not.toThrow();
  expect(() => compare("y", "float32", zero, nan, { ulps: 9, absolute: 9 }, false)).toThrow();
});
