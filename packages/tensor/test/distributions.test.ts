import { random } from "./rows/random.ts";
import { testRows } from "./support/runner.ts";

testRows(random);
