import { conformance } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createWebGpuBackend } from "../src/index.ts";
import { describeOn } from "./support/drivers.ts";

describeOn(["lavapipe", "SwiftShader"], (gpu) => {
  conformance({
    create: () => createWebGpuBackend({ gpu }),
    reference: createReferenceBackend(),
  });
});
