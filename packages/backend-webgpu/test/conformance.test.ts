import { conformance } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createWebGpuBackend } from "../src/index.ts";
import { describeOn } from "./support/drivers.ts";

describeOn(["lavapipe", "SwiftShader"], (gpu) => {
  conformance({
    create: () => createWebGpuBackend({ gpu }),
    reference: createReferenceBackend(),
    // WGSL lets a device take results below the normal numbers for 0.
    tolerances: { "scalar/div/float32/special": { ulps: 0, absolute: 2 ** -103 } },
  });
});
