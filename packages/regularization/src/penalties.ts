import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, Variable } from "@gradloom/tensor";

/** What has parameters with names: a module. */
export interface Parametrized {
  namedParameters(): ReadonlyMap<string, Variable>;
}

/** What a penalty can be on: a tensor, a variable, several of them, or all parameters of a module. */
export type Penalized = Tensor | Variable | Parametrized | readonly (Tensor | Variable)[];

export interface PenaltyOptions {
  /** Which parameters of a module count; all by default. */
  readonly only?: (name: string, parameter: Variable) => boolean;
}

const tensorsIn = (op: string, of: Penalized, { only = () => true }: PenaltyOptions): Tensor[] => {
  const value = (x: Tensor | Variable): Tensor => (x instanceof Variable ? x.value : x);
  const tensors =
    "namedParameters" in of
      ? [...of.namedParameters()].filter(([name, parameter]) => only(name, parameter)).map(([, p]) => p.value)
      : (Array.isArray(of) ? of : [of as Tensor | Variable]).map(value);
  if (tensors.length === 0) throw new ArgumentError(op, "has nothing to penalize, got no parameters");
  return tensors;
};

const checkStrength = (op: string, strength: number): void => {
  if (!(strength >= 0)) throw new ArgumentError(op, `a strength is a number >= 0, got ${strength}`);
};

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((sum, term) => sum.add(term));

/**
 * `strength Σ |w|`, of rank 0, to be added to a loss.
 *
 * @throws ArgumentError for a negative strength, or without parameters.
 * @example loss.add(l1Penalty(model, 1e-5, { only: (name) => name.endsWith("weight") }))
 */
export const l1Penalty = (of: Penalized, strength = 0.01, options: PenaltyOptions = {}): Tensor => {
  checkStrength("l1Penalty", strength);
  return total(tensorsIn("l1Penalty", of, options).map((w) => w.abs().sum())).mul(strength);
};

/**
 * `strength Σ w^2`, of rank 0, to be added to a loss. Its gradient is `2 strength w`: half of an optimizer's `weightDecay`.
 *
 * @throws ArgumentError for a negative strength, or without parameters.
 * @example loss.add(l2Penalty(layer.weight, 1e-4))
 */
export const l2Penalty = (of: Penalized, strength = 0.01, options: PenaltyOptions = {}): Tensor => {
  checkStrength("l2Penalty", strength);
  return total(tensorsIn("l2Penalty", of, options).map((w) => w.square().sum())).mul(strength);
};

/**
 * The elastic net `l1 Σ |w| + l2 Σ w^2`, of rank 0 (Zou & Hastie, 2005).
 *
 * @throws ArgumentError for negative strengths, or without parameters.
 */
export const elasticNetPenalty = (
  of: Penalized,
  { l1 = 0.01, l2 = 0.01, ...options }: PenaltyOptions & { readonly l1?: number; readonly l2?: number } = {},
): Tensor => {
  for (const strength of [l1, l2]) checkStrength("elasticNetPenalty", strength);
  const terms = tensorsIn("elasticNetPenalty", of, options);
  return total(terms.map((w) => w.abs().mul(l1).add(w.square().mul(l2)).sum()));
};
