import type { DeviceName } from "../../src/index.ts";

/** Every row runs on these; derivatives are checked on the first. */
export const devicesUnderTest: readonly DeviceName[] = ["reference", "cpu"];
