import { conformance } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createCpuBackend } from "../src/index.ts";

// With the threshold at 0 even the smallest kernels are spread over the threads.
describe.each([1, 2, 3])("%d threads", (threads) => {
  conformance({
    create: () => createCpuBackend({ threads, parallelFrom: 0 }),
    reference: createReferenceBackend(),
  });
});
