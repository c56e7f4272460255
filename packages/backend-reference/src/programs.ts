import type { Kernel, Program } from "@gradloom/backend";
import { kernelKey } from "@gradloom/backend";

/** Programs by the structure of their kernels. */
export interface Programs<P extends Program> {
  get(kernel: Kernel): P;
  has(program: Program): program is P;
  readonly count: number;
  clear(): void;
}

export const createPrograms = <P extends Program>(create: (kernel: Kernel) => P): Programs<P> => {
  const byKey = new Map<string, P>();
  const made = new WeakSet<Program>();
  let byKernel = new WeakMap<Kernel, P>();
  let count = 0;
  return {
    get: (kernel) => {
      const known = byKernel.get(kernel);
      if (known) return known;
      const key = kernelKey(kernel);
      let program = byKey.get(key);
      if (program === undefined) {
        program = create(kernel);
        byKey.set(key, program);
        made.add(program);
        count++;
      }
      byKernel.set(kernel, program);
      return program;
    },
    has: (program): program is P => made.has(program),
    get count() {
      return count;
    },
    clear: () => {
      byKey.clear();
      byKernel = new WeakMap();
    },
  };
};
