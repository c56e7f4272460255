import { sorting } from "./rows/sorting.ts";
import { testRows } from "./support/runner.ts";

testRows(sorting);
