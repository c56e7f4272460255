import { indexing } from "./rows/indexing.ts";
import { testRows } from "./support/runner.ts";

testRows(indexing);
