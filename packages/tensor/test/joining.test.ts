import { joining } from "./rows/joining.ts";
import { testRows } from "./support/runner.ts";

testRows(joining);
