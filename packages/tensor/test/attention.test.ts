import { attentions } from "./rows/attention.ts";
import { testRows } from "./support/runner.ts";

testRows(attentions);
