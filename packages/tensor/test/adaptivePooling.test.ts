import { adaptivePoolings } from "./rows/adaptivePooling.ts";
import { testRows } from "./support/runner.ts";

testRows(adaptivePoolings);
