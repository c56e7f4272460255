import { activations } from "./rows/activations.ts";
import { testRows } from "./support/runner.ts";

testRows(activations);
