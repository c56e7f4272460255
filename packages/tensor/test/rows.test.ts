import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as api from "../src/index.ts";
import { rows } from "./rows/index.ts";
import { notOperations } from "./support/row.ts";

const tables = readdirSync(join(__dirname, "rows"))
  .filter((file) => file !== "index.ts")
  .map((file) => file.replace(".ts", ""));

const tests = readdirSync(__dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(join(__dirname, file), "utf8"))
  .join("\n");

test.each(tables)("the table %s is tested and part of the whole", (table) => {
  expect(tests).toContain(`testRows(${table})`);
  expect(readFileSync(join(__dirname, "rows/index.ts"), "utf8")).toContain(`...${table},`);
});

test("rows are rows of operations", () => {
  const operations = Object.keys(api).filter((name) => !notOperations.includes(name as "seed"));
  expect(Object.keys(rows).filter((name) => !operations.includes(name))).toEqual([]);
});
