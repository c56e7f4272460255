import { logical } from "./rows/logical.ts";
import { testRows } from "./support/runner.ts";

testRows(logical);
