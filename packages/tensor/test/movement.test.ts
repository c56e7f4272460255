import { movement } from "./rows/movement.ts";
import { testRows } from "./support/runner.ts";

testRows(movement);
