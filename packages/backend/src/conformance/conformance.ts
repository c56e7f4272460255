import type { Backend } from "../backend.ts";
import { unmetNeed } from "../needs.ts";
import type { Case, Tolerance } from "./case.ts";
import { conformanceCases } from "./cases.ts";
import { memoryBehaviours } from "./memoryBehaviours.ts";
import { programBehaviours } from "./programBehaviours.ts";
import { checkCase } from "./run.ts";
import { runBehaviours } from "./runBehaviours.ts";
import { transferBehaviours } from "./transferBehaviours.ts";

/** What the suite needs to know. */
export interface ConformanceOptions {
  /** Makes the backend under test; it is disposed of at the end. */
  readonly create: () => Backend | Promise<Backend>;
  /** The backend that defines what is right. */
  readonly reference: Backend;
  /**
   * Checks that the backend does not pass, with the reason: names, or beginnings of names followed by `*`. The suite runs them as well,
   * and fails when one passes.
   */
  readonly skip?: Readonly<Record<string, string>>;
  /** Tolerances in place of the suite's own; keys as in `skip`, the longest that fits counts. */
  readonly tolerances?: Readonly<Record<string, Tolerance>>;
}

const behaviours = [...memoryBehaviours, ...transferBehaviours, ...runBehaviours, ...programBehaviours];

interface Check {
  readonly name: string;
  readonly one?: Case;
  run(backend: Backend): Promise<void>;
}

/** What Jest and its likes put into the global scope. */
interface TestFunctions {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
  beforeAll(body: () => Promise<void>): void;
  afterAll(body: () => void): void;
}

const fits = (key: string, name: string): boolean =>
  key.endsWith("*") ? name.startsWith(key.slice(0, -1)) : key === name;

/** The longest key that fits a name. */
const lookUp = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined => {
  let best: string | undefined;
  for (const key of Object.keys(table)) {
    if (fits(key, name) && (best === undefined || key.length > best.length)) best = key;
  }
  return best === undefined ? undefined : table[best];
};

const checksOf = ({ reference, tolerances = {} }: ConformanceOptions): Check[] => [
  ...conformanceCases().map((one) => {
    const tolerance = lookUp(tolerances, one.name) ?? one.tolerance;
    return { name: one.name, one, run: (backend: Backend) => checkCase(backend, reference, one, tolerance) };
  }),
  ...behaviours.map(({ name, check }) => ({ name, run: check })),
];

/** Throws unless every key names a check, and every name is there once. */
const checkNames = (checks: readonly Check[], { skip = {}, tolerances = {} }: ConformanceOptions): void => {
  const names = checks.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`[conformance] two checks are named "${twice}"`);
  for (const key of [...Object.keys(skip), ...Object.keys(tolerances)]) {
    if (!names.some((name) => fits(key, name))) throw new Error(`[conformance] no check is named "${key}"`);
  }
};

/**
 * Registers the tests that every backend passes: each kernel kind, scalar operation and dtype that it declares, their edges, random
 * kernels, and the promises of the interface, all compared with the reference backend.
 *
 * @example conformance({ create: () => createCpuBackend(), reference: createReferenceBackend() });
 */
export const conformance = (options: ConformanceOptions): void => {
  const { describe, test, beforeAll, afterAll } = globalThis as unknown as TestFunctions;
  const { create, skip = {} } = options;
  const checks = checksOf(options);
  checkNames(checks, options);
  describe("conformance", () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await create();
    });
    afterAll(() => backend?.dispose());
    for (const { name, one, run } of checks) {
      const reason = lookUp(skip, name);
      const missing = () => one !== undefined && unmetNeed(one.kernel, { ...backend.traits, maxBuffers: Infinity });
      if (reason === undefined) {
        test(name, async () => {
          if (!missing()) await run(backend);
        });
        continue;
      }
      test(`${name} (skipped: ${reason})`, async () => {
        if (missing()) return;
        const failed = await run(backend).then(
          () => false,
          () => true,
        );
        if (!failed) throw new Error(`"${name}" passes; remove it from the skips`);
      });
    }
  });
};
