import { ArgumentError } from "@gradloom/backend";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { formula, polynomial, Scalar, terms } from "./formula.ts";
import { toFloat } from "./operands.ts";

const input = ({ inputs }: Tensor): Tensor => inputs[0] as Tensor;

/** Bernoulli numbers B2, B4, ... */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

/** Coefficients of w² h(w) in `lgamma(2 + w) = (1 - γ) w + Σ (-w)^k (ζ(k) - 1) / k`, the sum from k = 2. */
const nearTwo: readonly number[] = Array.from({ length: 26 }, (_, i) => {
  const k = i + 2;
  let zeta = 0;
  for (let n = 40; n > 1; n--) zeta += n ** -k;
  // The rest of the sum from n = 41 by Euler and Maclaurin.
  zeta += 41 ** (1 - k) / (k - 1) + 0.5 * 41 ** -k + (k / 12) * 41 ** (-k - 1);
  zeta -= ((k * (k + 1) * (k + 2)) / 720) * 41 ** (-k - 3);
  zeta += ((k * (k + 1) * (k + 2) * (k + 3) * (k + 4)) / 30240) * 41 ** (-k - 5);
  return ((k % 2 === 0 ? 1 : -1) * zeta) / k;
});

const oneMinusEuler = 0.42278433509846713;

/** `lgamma(2 + w)` for |w| <= 0.5, exact to relative precision at its zero. */
const aroundTwo = (w: Scalar): Scalar => w.mul(w.mul(polynomial(w, terms(w, nearTwo, 13))).add(oneMinusEuler));

/** Stirling's series, for x >= 8. */
const stirling = (x: Scalar): Scalar => {
  const coefficients = bernoulli.map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
  const inverse = x.constant(1).div(x);
  const series = inverse.mul(polynomial(inverse.square(), terms(x, coefficients, 3)));
  return x
    .sub(0.5)
    .mul(x.log().sub(1))
    .add(0.5 * Math.log(2 * Math.PI) - 0.5)
    .add(series);
};

/** `lgamma` of x >= 0, always brought near 2 by `Γ(x + 1) = x Γ(x)`. */
const positive = (x: Scalar): Scalar => {
  let z = x;
  let product = x.constant(1);
  for (let i = 0; i < 6; i++) {
    const large = z.compare("gt", 2.5);
    z = large.select(z.sub(1), z);
    product = large.select(product.mul(z), product);
  }
  const small = x.less(0.5);
  const below = x.less(1.5);
  const w = small.select(x, below.select(x.sub(1), z.sub(2)));
  const reduced = aroundTwo(w);
  const correction = small.select(x.log().add(x.log1p()), below.select(w.log1p(), product.log().neg()));
  return x.less(8.5).select(reduced.sub(correction), stirling(x.binary("max", 8)));
};

/** `sin(pi x)` and `cos(pi x)` up to a common sign, exact where x is a multiple of 1/2. */
const turned = (x: Scalar): { readonly sine: Scalar; readonly cosine: Scalar } => {
  const rest = x.sub(x.unary("round"));
  return {
    sine: rest.mul(Math.PI).unary("sin"),
    cosine: rest.constant(0.5).sub(rest.abs()).mul(Math.PI).unary("sin"),
  };
};

export const lgammaPrimitive = formula(
  "lgamma",
  (x) => {
    const negative = x.less(0);
    const value = positive(negative.select(x.constant(1).sub(x), x));
    const sine = turned(x).sine.abs();
    const reflected = sine.constant(Math.PI).div(sine).log().sub(value);
    const infinite = x.constant(Number.POSITIVE_INFINITY);
    return x.abs().equal(infinite).select(infinite, negative.select(reflected, value));
  },
  (node, g) => [g.mul(digamma(input(node)))],
);

/** The asymptotic series of digamma after a shift of 10 upwards. */
export const digammaPrimitive = formula(
  "digamma",
  (x) => {
    const negative = x.less(0);
    const z = negative.select(x.constant(1).sub(x), x);
    let shift = z.constant(1).div(z);
    for (let k = 1; k < 10; k++) shift = shift.add(z.constant(1).div(z.add(k)));
    const y = z.add(10);
    const inverse = y.constant(1).div(y);
    const coefficients = bernoulli.map((b, i) => b / (2 * i + 2));
    const series = inverse.square().mul(polynomial(inverse.square(), terms(x, coefficients, 3)));
    const value = y.log().sub(inverse.mul(0.5)).sub(series).sub(shift);
    const { sine, cosine } = turned(x);
    const reflected = value.sub(cosine.mul(Math.PI).div(sine));
    const pole = negative.binary("and", sine.equal(0));
    return pole.select(x.constant(Number.NaN), negative.select(reflected, value));
  },
  (node, g) => [g.mul(polygamma(1, input(node)))],
);

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** `x^n` for whole n >= 1. */
const wholePower = (x: Scalar, n: number): Scalar => {
  const half = n > 1 ? wholePower(x, Math.floor(n / 2)) : x;
  if (n === 1) return x;
  return n % 2 === 0 ? half.square() : half.square().mul(x);
};

/** Hurwitz's zeta function `Σ (x + k)^-s` by ten terms and Euler and Maclaurin's formula for the rest. */
const hurwitz = (s: number, x: Scalar): Scalar => {
  const inverse = (k: number): Scalar => x.constant(1).div(k === 0 ? x : x.add(k));
  const last = inverse(10);
  const lastPower = wholePower(last, s - 1);
  let rising = s;
  const coefficients = bernoulli.map((b, i) => {
    const j = i + 1;
    const coefficient = (b * rising) / factorial(2 * j);
    rising *= (s + 2 * j - 1) * (s + 2 * j);
    return coefficient;
  });
  const correction = last.square().mul(polynomial(last.square(), terms(x, coefficients, 4)));
  let sum = lastPower.mul(correction.add(last.mul(0.5)).add(1 / (s - 1)));
  for (let k = 9; k >= 0; k--) sum = sum.add(wholePower(inverse(k), s));
  return sum;
};

/** Coefficients of the polynomial `p` with `d^n/dx^n cot(x) = p(cot(x))`, from cot' = -(1 + cot²). */
const cotangentDerivative = (n: number): readonly number[] => {
  let p = [0, 1];
  for (let i = 0; i < n; i++) {
    const slope = p.slice(1).map((c, k) => c * (k + 1));
    p = Array.from({ length: slope.length + 2 }, (_, k) => -(slope[k] ?? 0) - (slope[k - 2] ?? 0));
  }
  return p;
};

/** Below 0 by reflection: ψ(1 - x) - ψ(x) = π cot(πx), differentiated. */
export const polygammaPrimitive = definePrimitive<{ readonly order: number }>({
  name: "polygamma",
  infer: (inputs) => inputs[0] as Tensor,
  lower: {
    kind: "map",
    expression: (e, [id], { order }) => {
      const x = new Scalar(e, id as number);
      const sign = order % 2 === 0 ? 1 : -1;
      const negative = x.less(0);
      const value = hurwitz(order + 1, negative.select(x.constant(1).sub(x), x)).mul(-sign * factorial(order));
      const { sine, cosine } = turned(x);
      const cotangent = cosine.div(sine);
      const derivative = polynomial(cotangent, cotangentDerivative(order)).mul(Math.PI ** (order + 1));
      return negative.select(value.mul(sign).sub(derivative), value).id;
    },
  },
  gradient: (node, g) => [g.mul(polygamma(node.attributes.order + 1, input(node)))],
});

/**
 * `log |Γ(x)|`; infinite at 0, -1, -2, ... Integers give float32.
 *
 * @example lgamma(tensor([5])) // [3.178], the logarithm of 4!
 */
export const lgamma = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return y.derive(lgammaPrimitive, [y], undefined);
};

/**
 * The derivative of `lgamma`; -Infinity at 0, NaN at -1, -2, ... Integers give float32.
 *
 * @example digamma(tensor([1])) // [-0.5772]
 */
export const digamma = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return y.derive(digammaPrimitive, [y], undefined);
};

/**
 * The `order`-th derivative of `digamma`. Integers give float32.
 *
 * @throws ArgumentError when `order` is not a whole number from 0 to 50.
 * @example polygamma(1, tensor([1])) // [1.6449]
 */
export const polygamma = (order: number, x: Tensor): Tensor => {
  if (!Number.isInteger(order) || order < 0 || order > 50) {
    throw new ArgumentError("polygamma", `the order is a whole number from 0 to 50, got ${order}`);
  }
  if (order === 0) return digamma(x);
  const y = toFloat(x);
  return y.derive(polygammaPrimitive, [y], { order });
};
