import type { Tensor } from "@gradloom/tensor";
import { ArgumentError, DTypeError, isFloat, ShapeError, sameShape, Variable } from "@gradloom/tensor";
import { backward } from "./walk.ts";

/** What one can differentiate with respect to. */
export type Differentiable = Tensor | Variable;

const tensorOf = (x: Differentiable): Tensor => (x instanceof Variable ? x.value : x);

const zerosOf = (x: Tensor): Tensor => x.constant(0).broadcastTo(x.shape);

const onesOf = (x: Tensor): Tensor => x.constant(1).broadcastTo(x.shape);

/** Gradients of `result` given that of the result itself; zeros where it does not depend on a tensor. */
const pullBack = (op: string, result: Tensor, wrt: readonly Differentiable[], seed: Tensor): Tensor[] => {
  if (!isFloat(result.dtype)) throw new DTypeError(op, `only floats have gradients, got a result of ${result.dtype}`);
  const tensors = wrt.map(tensorOf);
  for (const t of tensors) {
    if (!isFloat(t.dtype))
      throw new DTypeError(op, `only floats have gradients, got ${t.dtype} to differentiate by`, "cast it");
  }
  return backward(result, tensors, seed).map((g, i) => g ?? zerosOf(tensors[i] as Tensor));
};

const checkSeed = (op: string, result: Tensor, seed: Tensor): void => {
  if (!sameShape(seed.shape, result.shape) || seed.dtype !== result.dtype) {
    throw new ShapeError(
      op,
      `the seed must be like the result, got ${seed.dtype} [${seed.shape.join(",")}] for ${result.dtype} [${result.shape.join(",")}]`,
    );
  }
};

/**
 * Gradients d(loss)/d(x) for each x of `wrt`, as lazy tensors of the same shapes; zeros where the loss does not depend on x. They can
 * be differentiated again.
 *
 * @param loss A float tensor of one element, or of any shape with a `seed` of that shape (the gradient of what follows).
 * @throws ShapeError when the loss has several elements and no seed is given; StaleTensorError when its history is gone.
 * @example const [dw, db] = gradients(loss, [w, b])
 */
export const gradients = (loss: Tensor, wrt: readonly Differentiable[], seed?: Tensor): Tensor[] => {
  if (seed !== undefined) checkSeed("gradients", loss, seed);
  else if (loss.size !== 1) {
    throw new ShapeError(
      "gradients",
      `the loss must be one number, got [${loss.shape.join(",")}]`,
      "reduce it with sum() or mean(), or give a seed",
    );
  }
  return pullBack("gradients", loss, wrt, seed ?? onesOf(loss));
};

/** A function's value and its gradients with respect to its tensor arguments. */
export interface ValueAndGradients {
  readonly value: Tensor;
  readonly gradients: Tensor[];
}

/**
 * Turns a function with one number as its result into one that gives the gradients of its arguments too.
 *
 * @example const { value, gradients: [dx] } = valueAndGrad((x) => x.square().sum())(tensor([1, 2]))
 */
export const valueAndGrad =
  (fn: (...inputs: Tensor[]) => Tensor) =>
  (...inputs: Tensor[]): ValueAndGradients => {
    const value = fn(...inputs);
    return { value, gradients: gradients(value, inputs) };
  };

/**
 * Turns a function of one tensor, with one number as its result, into its derivative; apply it again for higher ones.
 *
 * @example await grad((x) => x.tanh().sum())(tensor([0])).array() // [1]
 */
export const grad =
  (fn: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor =>
    gradients(fn(x), [x])[0] as Tensor;

/**
 * The value of `fn` at `inputs`, and the function that maps a gradient v of the value to v^T J, one gradient per input (reverse mode).
 *
 * @example const { value, pullback } = vjp((x) => x.square(), [x]); const [dx] = pullback(v)
 */
export const vjp = (
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): { readonly value: Tensor; readonly pullback: (v: Tensor) => Tensor[] } => {
  const value = fn(...inputs);
  return {
    value,
    pullback: (v) => {
      checkSeed("vjp", value, v);
      return pullBack("vjp", value, inputs, v);
    },
  };
};

/**
 * The value of `fn` at `inputs` and its directional derivative J t along `tangents` (forward mode). The reverse derivative v -> v^T J is
 * linear in v; differentiating it in v gives J t.
 *
 * @throws ShapeError when the tangents are not like the inputs.
 * @example const { value, tangent } = jvp((x) => x.square(), [x], [direction])
 */
export const jvp = (
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  tangents: readonly Tensor[],
): { readonly value: Tensor; readonly tangent: Tensor } => {
  if (tangents.length !== inputs.length) {
    throw new ArgumentError("jvp", `needs one tangent per input, got ${tangents.length} for ${inputs.length}`);
  }
  inputs.forEach((x, i) => {
    checkSeed("jvp", x, tangents[i] as Tensor);
  });
  const value = fn(...inputs);
  const v = zerosOf(value);
  const pulled = pullBack("jvp", value, inputs, v);
  const inner = pulled
    .map((g, i) => g.mul(tangents[i] as Tensor).sum())
    .reduce((sum, term) => sum.add(term), value.constant(0));
  return { value, tangent: pullBack("jvp", inner, [v], onesOf(inner))[0] as Tensor };
};

/** The tensor that is 1 at row-major position `i` of the shape of `y`, 0 elsewhere. */
const unit = (y: Tensor, i: number): Tensor => {
  const one = y.constant(1).reshape([1]);
  return one.zeroPad([i], [y.size - 1 - i]).reshape(y.shape);
};

/**
 * The Jacobian d(fn(x))/dx, of shape [...shape of fn(x), ...shape of x]; one backward walk per element of the result.
 *
 * @example jacobian((x) => x.square(), tensor([1, 2])) // [[2, 0], [0, 4]]
 */
export const jacobian = (fn: (x: Tensor) => Tensor, x: Tensor): Tensor => {
  const y = fn(x);
  const shape = [...y.shape, ...x.shape];
  if (y.size === 0) return x.constant(0).broadcastTo(shape);
  // Rows are put in their places by padding, and added up: each is one view of its gradient.
  let total: Tensor | undefined;
  for (let i = 0; i < y.size; i++) {
    const [row] = pullBack("jacobian", y, [x], unit(y, i)) as [Tensor];
    const placed = row.reshape([1, x.size]).zeroPad([i, 0], [y.size - 1 - i, 0]);
    total = total === undefined ? placed : total.add(placed);
  }
  return (total as Tensor).reshape(shape);
};

/**
 * The Hessian of a function with one number as its result, of shape [...shape of x, ...shape of x].
 *
 * @example hessian((x) => x.pow(3).sum(), tensor([1, 2])) // [[6, 0], [0, 12]]
 */
export const hessian = (fn: (x: Tensor) => Tensor, x: Tensor): Tensor => jacobian(grad(fn), x);
