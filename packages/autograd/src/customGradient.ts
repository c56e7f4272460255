import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, definePrimitive } from "@gradloom/tensor";
import { backward } from "./walk.ts";

type Rule = (g: Tensor) => readonly (Tensor | undefined)[];

/** A rule beside the graph: it is no part of a schedule's structure, so that a fresh closure plans nothing. */
class Hidden {
  readonly #rule: Rule;
  constructor(rule: Rule) {
    this.#rule = rule;
  }
  static ruleOf(hidden: Hidden): Rule {
    return hidden.#rule;
  }
}

/** The value of input 0, with a given gradient rule for the other inputs. */
const ruled = definePrimitive<Hidden>({
  name: "customGradient",
  infer: (inputs) => inputs[0] as Tensor,
  lower: { kind: "view", apply: (view) => view },
  gradient: ({ attributes, inputs }, g) => {
    const parts = Hidden.ruleOf(attributes)(g);
    if (parts.length !== inputs.length - 1) {
      throw new ArgumentError(
        "customGradient",
        `the rule gave ${parts.length} gradients for ${inputs.length - 1} inputs`,
      );
    }
    return [undefined, ...parts];
  },
});

/** The value of input 0, computed again apart from equal values elsewhere. */
const again = definePrimitive<undefined>({
  name: "checkpoint",
  infer: (inputs) => inputs[0] as Tensor,
  lower: { kind: "view", apply: (view) => view },
  gradient: (_, g) => [g],
});

/**
 * A function with a gradient of your own: `fn` returns the value and the rule that maps the gradient of the value to those of the inputs
 * (undefined for none).
 *
 * @example
 * const straightThrough = customGradient((x) => ({ value: round(x), gradient: (g) => [g] }));
 */
export const customGradient =
  (fn: (...inputs: Tensor[]) => { readonly value: Tensor; readonly gradient: Rule }) =>
  (...inputs: Tensor[]): Tensor => {
    const { value, gradient } = fn(...inputs);
    return value.derive(ruled, [value, ...inputs], new Hidden(gradient));
  };

/**
 * The same function, whose intermediate values are computed again in the backward pass instead of being stored (Chen et al., "Training deep
 * nets with sublinear memory cost", 2016). Everything that `fn` differentiates by must be among its arguments.
 *
 * @example const y = checkpoint(block)(x, w)
 */
export const checkpoint =
  (fn: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): Tensor => {
    const value = fn(...inputs);
    const rule: Rule = (g) => {
      const fresh = inputs.map((x) => x.derive(again, [x], undefined));
      return backward(fn(...fresh), fresh, g);
    };
    return value.derive(ruled, [value, ...inputs], new Hidden(rule));
  };
