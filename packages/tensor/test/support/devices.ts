import type { KernelKind } from "@gradloom/backend";
import { UnsupportedError } from "@gradloom/backend";
import type { DeviceName } from "../../src/index.ts";

/** Every row runs on these; derivatives are checked on the first. */
export const devicesUnderTest: readonly DeviceName[] = ["reference", "cpu"];

/** Kernel kinds that a device does not run yet; `test/rows.test.ts` checks that it really refuses them. */
export const lacking: { readonly [Name in DeviceName]?: readonly KernelKind[] } = {
  cpu: ["pool", "scatter", "scan", "sort"],
};

/** Whether an error is a device's known refusal; anything else is a failure. */
export const isKnownRefusal = (device: string, error: unknown): boolean =>
  error instanceof UnsupportedError &&
  (lacking[device as DeviceName] ?? []).some((kind) => error.message.includes(`${kind} kernels`));
