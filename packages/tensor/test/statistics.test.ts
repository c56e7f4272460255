import { statistics } from "./rows/statistics.ts";
import { testRows } from "./support/runner.ts";

testRows(statistics);
