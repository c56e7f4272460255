import { conformance } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createWebGpuBackend } from "../../src/index.ts";
import { type Driver, describeOn } from "./drivers.ts";

/** The suite that every backend passes, on one driver: each has a file of its own, so that they run side by side. */
export const conformanceOn = (driver: Driver): void =>
  describeOn([driver], (gpu) => {
    conformance({
      create: () => createWebGpuBackend({ gpu }),
      reference: createReferenceBackend(),
      // WGSL lets a device take results below the normal numbers for 0.
      tolerances: { "scalar/div/float32/special": { ulps: 0, absolute: 2 ** -103 } },
    });
  });
