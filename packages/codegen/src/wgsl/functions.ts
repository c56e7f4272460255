import { atan } from "./functions/atan.ts";
import { bits } from "./functions/bits.ts";
import { casts } from "./functions/casts.ts";
import { erf } from "./functions/erf.ts";
import { exp } from "./functions/exp.ts";
import { integers } from "./functions/integers.ts";
import { log } from "./functions/log.ts";
import { pow } from "./functions/pow.ts";
import { remainder } from "./functions/remainder.ts";
import { tanh } from "./functions/tanh.ts";
import { threefry } from "./functions/threefry.ts";
import { trigonometry } from "./functions/trigonometry.ts";

/**
 * Functions in WGSL that kernels call by name; only those in use, and what they call, are part of a module. WGSL's own functions are
 * loose and leave NaN and infinities open, so these are plain arithmetic. It is right whether or not a device fuses multiplications
 * with additions: products whose error matters are exact.
 */
const library = {
  ...bits,
  ...casts,
  ...integers,
  ...threefry,
  ...exp,
  ...log,
  ...tanh,
  ...erf,
  ...trigonometry,
  ...atan,
  ...pow,
  ...remainder,
} as const satisfies Record<string, string>;

export type LibraryName = keyof typeof library;

const isName = (name: string): name is LibraryName => name in library;

/** Sources of functions and of all that they call, each after what it calls. */
export const withNeeds = (names: ReadonlySet<LibraryName>): string[] => {
  const result = new Map<string, string>();
  const add = (name: LibraryName): void => {
    if (result.has(name)) return;
    const source = library[name];
    for (const [called] of source.matchAll(/\w+(?=\()/g)) if (called !== name && isName(called)) add(called);
    result.set(name, source);
  };
  for (const name of names) add(name);
  return [...result.values()];
};
