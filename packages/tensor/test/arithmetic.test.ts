import { arithmetic } from "./rows/arithmetic.ts";
import { testRows } from "./support/runner.ts";

testRows(arithmetic);
