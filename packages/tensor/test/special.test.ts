import { special } from "./rows/special.ts";
import { testRows } from "./support/runner.ts";

testRows(special);
