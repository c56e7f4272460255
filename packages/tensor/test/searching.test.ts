import { searching } from "./rows/searching.ts";
import { testRows } from "./support/runner.ts";

testRows(searching);
