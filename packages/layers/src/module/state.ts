import type { Tensor, Variable } from "@gradloom/tensor";
import { ArgumentError, assign, formatShape, sameShape } from "@gradloom/tensor";
import type { AnyModule } from "./module.ts";
import { walk } from "./walk.ts";

export interface LoadOptions {
  /** Whether every name must be in both, the state and the model; true by default. */
  readonly strict?: boolean;
}

/** Names that only one side has. */
export interface LoadReport {
  /** In the model, not in the state. */
  readonly missing: readonly string[];
  /** In the state, not in the model. */
  readonly unexpected: readonly string[];
}

export const stateOf = (module: AnyModule): Record<string, Tensor> => {
  const { parameters, buffers } = walk(module);
  return Object.fromEntries([...parameters, ...buffers].map(([name, variable]) => [name, variable.value]));
};

const part = (what: string, names: readonly string[]): string[] =>
  names.length === 0 ? [] : [`${what} ${names.join(", ")}`];

export const loadState = (
  module: AnyModule,
  state: Readonly<Record<string, Tensor>>,
  { strict = true }: LoadOptions,
): LoadReport => {
  const { parameters, buffers, aliases } = walk(module);
  const own = new Map([...parameters, ...buffers]);
  const missing = [...own.keys()].filter((name) => !Object.hasOwn(state, name));
  const unexpected = Object.keys(state).filter((name) => !own.has(name) && !aliases.has(name));
  const fitting: (readonly [Variable, Tensor])[] = [];
  const misshapen: string[] = [];
  for (const [name, variable] of own) {
    const value = Object.hasOwn(state, name) ? state[name] : undefined;
    if (value === undefined) continue;
    if (sameShape(value.shape, variable.shape)) fitting.push([variable, value.cast(variable.dtype)]);
    else misshapen.push(`${name} (${formatShape(value.shape)} for ${formatShape(variable.shape)})`);
  }
  if (misshapen.length > 0 || (strict && missing.length + unexpected.length > 0)) {
    const lists = [
      ...part("missing", missing),
      ...part("unexpected", unexpected),
      ...part("of another shape", misshapen),
    ].join("; ");
    const remedy =
      misshapen.length > 0 ? "nothing was loaded" : "nothing was loaded, pass { strict: false } to load the rest";
    throw new ArgumentError("loadStateDict", `the state does not fit the model: ${lists}`, remedy);
  }
  assign(fitting);
  return { missing, unexpected };
};
