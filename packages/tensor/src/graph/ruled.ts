import { ArgumentError } from "@gradloom/backend";
import type { Tensor } from "../tensor.ts";
import { definePrimitive } from "./primitive.ts";

/** Gradients of the inputs for the gradient `g` of the value `y`; undefined where there is none. */
export type Rule = (g: Tensor, y: Tensor) => readonly (Tensor | undefined)[];

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
export const ruledPrimitive = definePrimitive<Hidden>({
  name: "withGradient",
  infer: (inputs) => inputs[0] as Tensor,
  lower: { kind: "view", apply: (view) => view },
  gradient: (node, g) => {
    const parts = Hidden.ruleOf(node.attributes)(g, node);
    if (parts.length !== node.inputs.length - 1) {
      throw new ArgumentError(
        "withGradient",
        `the rule gave ${parts.length} gradients for ${node.inputs.length - 1} inputs`,
      );
    }
    return [undefined, ...parts];
  },
});

/**
 * `value`, differentiated by `rule` with respect to `inputs` instead of by how it was computed. The rule is written with operations, so
 * that higher derivatives work.
 *
 * @example withGradient(p, [x], (g, y) => [y.mul(g.sub(g.mul(y).sum(-1, true)))]) // softmax
 */
export const withGradient = (value: Tensor, inputs: readonly Tensor[], rule: Rule): Tensor =>
  value.derive(ruledPrimitive, [value, ...inputs], new Hidden(rule));
