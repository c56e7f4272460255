import { convolutions } from "./rows/convolution.ts";
import { testRows } from "./support/runner.ts";

testRows(convolutions);
