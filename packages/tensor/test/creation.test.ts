import { creation } from "./rows/creation.ts";
import { testRows } from "./support/runner.ts";

testRows(creation);
