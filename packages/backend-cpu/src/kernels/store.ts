import type { KernelOutput, NodeId } from "@gradloom/backend";
import type { Scope } from "../scalar/scope.ts";
import type { V128 } from "../wasm/value.ts";
import type { Positions } from "./positions.ts";

/** Stores outputs (all unless some are named) at the current position. Where one writes over an input, everything is read before. */
export const storeOutputs = (
  s: Scope,
  { outputs }: { readonly outputs: readonly KernelOutput[] },
  positions: Positions,
  value: (id: NodeId) => V128,
  which: readonly number[] = outputs.map((_, i) => i),
): void => {
  const first = which.length > 1 && which.some((i) => outputs[i]?.over !== undefined);
  const values = which.map((i) => {
    const { node } = outputs[i] as KernelOutput;
    return first ? s.keep(value(node)) : () => value(node);
  });
  which.forEach((i, k) => {
    const stored = values[k] as V128 | (() => V128);
    positions.store(i, typeof stored === "function" ? stored() : stored);
  });
};
