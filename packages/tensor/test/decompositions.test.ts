import { decompositions } from "./rows/decompositions.ts";
import { testRows } from "./support/runner.ts";

testRows(decompositions);
