import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelKind } from "@gradloom/backend";
import * as api from "../src/index.ts";
import { rows } from "./rows/index.ts";
import { lacking } from "./support/devices.ts";
import { notOperations } from "./support/row.ts";

/** What each file of rows exports: one table. */
const tables = readdirSync(join(__dirname, "rows"))
  .filter((file) => file !== "index.ts")
  .map((file) => /^export const (\w+)/m.exec(readFileSync(join(__dirname, "rows", file), "utf8"))?.[1] as string);

const tests = readdirSync(__dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(join(__dirname, file), "utf8"))
  .join("\n");

test.each(tables)("the table %s is tested and part of the whole", (table) => {
  const index = readFileSync(join(__dirname, "rows/index.ts"), "utf8");
  expect({ tested: tests.includes(`testRows(${table})`), listed: index.includes(`...${table},`) }).toEqual({
    tested: true,
    listed: true,
  });
});

test("rows are rows of operations", () => {
  const operations = Object.keys(api).filter((name) => !notOperations.includes(name as "seed"));
  expect(Object.keys(rows).filter((name) => !operations.includes(name))).toEqual([]);
});

/** An operation for each kind of kernel that a device may lack. */
const probes: { readonly [Kind in KernelKind]?: (x: api.Tensor) => api.Tensor } = {
  pool: (x) => api.maxPool2d(x.reshape([1, 2, 2, 1]), 2),
  gather: (x) => api.take(x, x.cast("int32")),
  scatter: (x) => api.scatter(x, x.cast("int32"), x),
  scan: (x) => api.cumsum(x),
  sort: (x) => api.argsort(x),
  custom: (x) => api.cholesky(x.reshape([2, 2])),
};

const skips = Object.entries(lacking).flatMap(([device, kinds]) => kinds.map((kind) => [device, kind] as const));

if (skips.length > 0) {
  test.each(skips)("%s really lacks %s kernels", async (device, kind) => {
    const on = await api.openDevice(device as api.DeviceName);
    const x = api.tensor([1, 0, 0, 1], { device: on });
    const probe = probes[kind] as (x: api.Tensor) => api.Tensor;
    expect(() => probe(x).dataSync()).toThrow(`${kind} kernels`);
  });
}
