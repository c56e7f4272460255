import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as api from "../src/index.ts";
import { rows } from "./rows/index.ts";
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
