import { rounding } from "./rows/rounding.ts";
import { testRows } from "./support/runner.ts";

testRows(rounding);
