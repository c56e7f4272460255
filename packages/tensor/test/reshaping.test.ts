import { reshaping } from "./rows/reshaping.ts";
import { testRows } from "./support/runner.ts";

testRows(reshaping);
