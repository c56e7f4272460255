import { mathematics } from "./rows/mathematics.ts";
import { testRows } from "./support/runner.ts";

testRows(mathematics);
