import { scattering } from "./rows/scattering.ts";
import { testRows } from "./support/runner.ts";

testRows(scattering);
