import { poolings } from "./rows/pooling.ts";
import { testRows } from "./support/runner.ts";

testRows(poolings);
