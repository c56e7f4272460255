import { solving } from "./rows/solving.ts";
import { testRows } from "./support/runner.ts";

testRows(solving);
