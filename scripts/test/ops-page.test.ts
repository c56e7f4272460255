import { readFileSync } from "node:fs";
import { join } from "node:path";
import { opsPage } from "../ops-page.ts";
import { root } from "../workspace.ts";

test("docs/ops.md is what `npm run docs` writes", async () => {
  expect(readFileSync(join(root, "docs/ops.md"), "utf8")).toBe(await opsPage());
}, 120_000);
