import type { Primitive, Tensor } from "@gradloom/tensor";
import { ArgumentError, StaleTensorError, UnsupportedError } from "@gradloom/tensor";

/** What a walk from a result back to its inputs found. */
interface Walk {
  /** Nodes on a path from a wanted tensor to the result, inputs before users. */
  readonly order: Tensor[];
  /** An evaluated tensor whose history was let go. */
  readonly forgotten: Tensor | undefined;
}

/** Several tensors may stand for a variable's value; they count as one. */
const canonical = (t: Tensor): Tensor => {
  const { alias } = t;
  return alias !== undefined && alias.variable.version === alias.version ? alias.variable.reading() : t;
};

/** Refuses a value that a wanted variable no longer has. */
const checkFresh = (t: Tensor, wanted: ReadonlySet<Tensor>): void => {
  const { alias } = t;
  if (alias !== undefined && alias.variable.version !== alias.version && wanted.has(alias.variable.reading())) {
    throw new StaleTensorError(
      alias.variable.name,
      "the loss was computed from a value that the variable no longer has",
      "take gradients before the update, or compute the loss again",
    );
  }
};

/** The nodes between `wanted` and `result`; iterative, so deep graphs do not exhaust the stack. */
const walk = (result: Tensor, wanted: ReadonlySet<Tensor>): Walk => {
  const onPath = new Map<Tensor, boolean>();
  const order: Tensor[] = [];
  let forgotten: Tensor | undefined;
  const stack: { readonly t: Tensor; next: number; found: boolean }[] = [{ t: result, next: 0, found: false }];
  onPath.set(result, false);
  while (stack.length > 0) {
    const top = stack[stack.length - 1] as (typeof stack)[number];
    const { t } = top;
    if (top.next === 0) {
      checkFresh(t, wanted);
      if (t.forgotten) forgotten = t;
    }
    const inputs = t.primitive.gradient === "zero" ? [] : t.inputs;
    if (top.next < inputs.length) {
      const input = inputs[top.next++] as Tensor;
      const known = onPath.get(input);
      if (known === undefined) {
        onPath.set(input, false);
        stack.push({ t: input, next: 0, found: false });
      } else top.found ||= known;
      continue;
    }
    stack.pop();
    const found = top.found || wanted.has(canonical(t));
    if (found) order.push(t);
    onPath.set(t, found);
    const user = stack[stack.length - 1];
    if (user !== undefined) user.found ||= found;
  }
  return { order, forgotten };
};

/**
 * Gradients of `result` with respect to `wanted`, given the gradient `seed` of the result: one backward walk over the graph, each
 * primitive's rule in turn. Undefined where the result does not depend on a tensor.
 */
export const backward = (result: Tensor, wanted: readonly Tensor[], seed: Tensor): (Tensor | undefined)[] => {
  const targets = new Set(wanted.map(canonical));
  const { order, forgotten } = walk(result, targets);
  const reached = new Set(order.map(canonical));
  if (forgotten !== undefined && (forgotten === result || ![...targets].every((t) => reached.has(t)))) {
    throw new StaleTensorError(
      "gradients",
      `the history of an evaluated tensor (${forgotten.toString()}) was let go when variables were updated`,
      "take gradients before the update, or compute the tensor again",
    );
  }
  const between = new Set(order);
  const gradients = new Map<Tensor, Tensor>([[canonical(result), seed]]);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i] as Tensor;
    const g = gradients.get(canonical(node));
    if (g === undefined || !node.inputs.some((input) => between.has(input))) continue;
    const results = applyRule(node, g);
    node.inputs.forEach((input, k) => {
      const part = results[k];
      if (part === undefined || !between.has(input)) return;
      const key = canonical(input);
      const sum = gradients.get(key);
      gradients.set(key, sum === undefined ? part : sum.add(part));
    });
  }
  return wanted.map((t) => gradients.get(canonical(t)));
};

const applyRule = (node: Tensor, g: Tensor): readonly (Tensor | undefined)[] => {
  const { gradient } = node.primitive as Primitive;
  if (gradient === "none") {
    throw new UnsupportedError(node.primitive.name, "has no gradient", "use stopGradient around it, or customGradient");
  }
  if (gradient === "zero")
    throw new ArgumentError(node.primitive.name, "a walk never crosses an operation without gradient");
  return gradient(node, g);
};
