import { resizing } from "./rows/resizing.ts";
import { testRows } from "./support/runner.ts";

testRows(resizing);
