import { reductions } from "./rows/reductions.ts";
import { testRows } from "./support/runner.ts";

testRows(reductions);
