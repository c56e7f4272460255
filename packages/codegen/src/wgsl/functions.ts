import type { Kernel, ScalarOp } from "@gradloom/backend";
import { bits } from "./functions/bits.ts";
import { casts } from "./functions/casts.ts";
import { erf } from "./functions/erf.ts";
import { exp } from "./functions/exp.ts";
import { integers } from "./functions/integers.ts";
import { log } from "./functions/log.ts";
import type { rare } from "./functions/rare.ts";
import { tanh } from "./functions/tanh.ts";
import { threefry } from "./functions/threefry.ts";

/**
 * Functions in WGSL that kernels call by name; only those in use, and what they call, are part of a module. WGSL's own functions are
 * loose and leave NaN and infinities open, so these are plain arithmetic. It is right whether or not a device fuses multiplications
 * with additions: products whose error matters are exact.
 */
const common = { ...bits, ...casts, ...integers, ...threefry, ...exp, ...log, ...tanh, ...erf } as const;

export type LibraryName = keyof typeof common | keyof typeof rare;

const library = new Map<string, string>(Object.entries(common));

const rareOps: ReadonlySet<string> = new Set<ScalarOp>(["sin", "cos", "atan", "atan2", "pow", "rem"]);

/** Loads the functions of operations that few models use, where a kernel has one. */
export const loadFunctions = async (kernel: Kernel): Promise<void> => {
  if (!("nodes" in kernel && kernel.nodes.some(({ op }) => rareOps.has(op)))) return;
  const { rare } = await import("./functions/rare.ts");
  for (const [name, source] of Object.entries(rare)) library.set(name, source);
};

/** Sources of functions and of all that they call, each after what it calls. */
export const withNeeds = (names: ReadonlySet<LibraryName>): string[] => {
  const result = new Map<string, string>();
  const add = (name: string): void => {
    const source = library.get(name);
    if (source === undefined || result.has(name)) return;
    for (const [called] of source.matchAll(/\w+(?=\()/g)) if (called !== name) add(called);
    result.set(name, source);
  };
  for (const name of names) add(name);
  return [...result.values()];
};
