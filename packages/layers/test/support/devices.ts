import type { DeviceName } from "@gradloom/tensor";

/** Layers and losses are tested on these. */
export const devicesUnderTest: readonly DeviceName[] = ["reference", "cpu"];
