import { gathering } from "./rows/gathering.ts";
import { testRows } from "./support/runner.ts";

testRows(gathering);
