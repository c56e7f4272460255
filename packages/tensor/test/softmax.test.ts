import { softmax } from "./rows/softmax.ts";
import { testRows } from "./support/runner.ts";

testRows(softmax);
