import { conformance, conformanceCases } from "@gradloom/backend/conformance";
import { createReferenceBackend } from "@gradloom/backend-reference";
import { createWebGpuBackend } from "../../src/index.ts";

// The conformance suite as a page: what takes the place of Jest lists the checks, and the test outside runs some of them.

type Body = () => Promise<void>;

const checks: { name: string; body: Body }[] = [];
const before: Body[] = [];
Object.assign(globalThis, {
  describe: (_: string, body: () => void) => body(),
  test: (name: string, body: Body) => checks.push({ name, body }),
  beforeAll: (body: Body) => before.push(body),
  afterAll: () => undefined,
});

conformance({ create: () => createWebGpuBackend(), reference: createReferenceBackend() });

/** What ran, and the message of each check that failed. */
export interface Outcome {
  readonly ran: number;
  readonly failures: readonly string[];
}

export interface Suite {
  /** Runs every n-th kernel, and all promises of the interface. */
  run(every: number): Promise<Outcome>;
}

const suite: Suite = {
  run: async (every) => {
    for (const body of before) await body();
    const kernels = conformanceCases().length;
    const chosen = checks.filter((_, i) => i >= kernels || i % every === 0);
    const failures: string[] = [];
    for (const { name, body } of chosen) {
      await body().catch((error: Error) => failures.push(`${name}: ${error.message}`));
    }
    return { ran: chosen.length, failures };
  },
};
Object.assign(globalThis, { suite });
