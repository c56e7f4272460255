import type { Primitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { binary, unary } from "./elementwise.ts";
import { formula, formula2, odd } from "./formula.ts";
import type { TensorLike } from "./operands.ts";
import { toFloat, unify } from "./operands.ts";

const input = ({ inputs }: Tensor): Tensor => inputs[0] as Tensor;

/** `1 + x²` and `(1 - x)(1 + x)`, the denominators of the inverse functions' derivatives. */
const onePlusSquare = (x: Tensor): Tensor => x.square().add(x.constant(1));
const oneMinusSquare = (x: Tensor): Tensor =>
  x
    .constant(1)
    .sub(x)
    .mul(x.add(x.constant(1)));

export const tanPrimitive = formula(
  "tan",
  (x) => x.unary("sin").div(x.unary("cos")),
  (node, g) => [g.mul(onePlusSquare(node))],
);

export const atanPrimitive = unary("atan", "atan", (node, g) => [g.div(onePlusSquare(input(node)))]);

export const asinPrimitive = formula(
  "asin",
  (x) => x.binary("atan2", x.constant(1).sub(x).mul(x.add(1)).sqrt()),
  (node, g) => [g.div(oneMinusSquare(input(node)).sqrt())],
);

export const acosPrimitive = formula(
  "acos",
  (x) => x.constant(1).sub(x).mul(x.add(1)).sqrt().binary("atan2", x),
  (node, g) => [g.div(oneMinusSquare(input(node)).sqrt()).neg()],
);

/** At (0, 0) the gradients are NaN, as the angle has no limit there. */
export const atan2Primitive = binary("atan2", "atan2", ({ inputs: [a, b] }, g) => {
  const y = a as Tensor;
  const x = b as Tensor;
  const scaled = g.div(x.square().add(y.square()));
  return [scaled.mul(x), scaled.mul(y).neg()];
});

/** Half an exponential at a time, so that only results beyond the largest number overflow. */
export const sinhPrimitive = formula(
  "sinh",
  (x) => {
    const t = x.unary("expm1");
    const near = t.add(t.div(t.add(1))).mul(0.5);
    const far = odd(x, (size) => {
      const root = size.mul(0.5).exp();
      return root.mul(0.5).mul(root).sub(root.constant(0.5).div(root).div(root));
    });
    return x.abs().less(1).select(near, far);
  },
  (node, g) => [g.mul(cosh(input(node)))],
);

export const coshPrimitive = formula(
  "cosh",
  (x) => {
    const root = x.abs().mul(0.5).exp();
    return root.mul(0.5).mul(root).add(root.constant(0.5).div(root).div(root));
  },
  (node, g) => [g.mul(sinh(input(node)))],
);

export const asinhPrimitive = formula(
  "asinh",
  (x) =>
    odd(x, (size) => {
      const square = size.square();
      const near = size.add(square.div(square.add(1).sqrt().add(1))).log1p();
      return size.less(1e9).select(near, size.log().add(Math.LN2));
    }),
  (node, g) => [g.div(onePlusSquare(input(node)).sqrt())],
);

export const acoshPrimitive = formula(
  "acosh",
  (x) => {
    const t = x.sub(1);
    const near = t.add(t.sqrt().mul(t.add(2).sqrt())).log1p();
    return x.less(1e9).select(near, x.log().add(Math.LN2));
  },
  (node, g) => {
    const x = input(node);
    const one = x.constant(1);
    return [g.div(x.sub(one).sqrt().mul(x.add(one).sqrt()))];
  },
);

export const atanhPrimitive = formula(
  "atanh",
  (x) => odd(x, (size) => size.mul(2).div(size.constant(1).sub(size)).log1p().mul(0.5)),
  (node, g) => [g.div(oneMinusSquare(input(node)))],
);

/** Scaled by the larger operand, so that squares neither overflow nor vanish; the gradient at (0, 0) is 0. */
export const hypotPrimitive = formula2(
  "hypot",
  (a, b) => {
    const large = a.abs().binary("max", b.abs());
    const ratio = a.abs().binary("min", b.abs()).div(large);
    const length = ratio.square().add(1).sqrt().mul(large);
    const infinite = a.constant(Number.POSITIVE_INFINITY);
    const plain = large.equal(0).select(large, length);
    return a.abs().equal(infinite).select(infinite, b.abs().equal(infinite).select(infinite, plain));
  },
  (node, g) => {
    const safe = node.equal(node.constant(0)).where(node.constant(1), node);
    return node.inputs.map((x) => g.mul(x.div(safe)));
  },
);

const real = (primitive: Primitive<undefined>) => (x: Tensor) => {
  const y = toFloat(x);
  return y.derive(primitive, [y], undefined);
};

/** Tangent of `x` radians. Integers give float32. */
export const tan: (x: Tensor) => Tensor = real(tanPrimitive);

/** Inverse sine, in [-pi/2, pi/2] radians; NaN outside [-1, 1]. Integers give float32. */
export const asin: (x: Tensor) => Tensor = real(asinPrimitive);

/** Inverse cosine, in [0, pi] radians; NaN outside [-1, 1]. Integers give float32. */
export const acos: (x: Tensor) => Tensor = real(acosPrimitive);

/** Inverse tangent, in [-pi/2, pi/2] radians. Integers give float32. */
export const atan: (x: Tensor) => Tensor = real(atanPrimitive);

/** Hyperbolic sine `(e^x - e^-x) / 2`. Integers give float32. */
export const sinh: (x: Tensor) => Tensor = real(sinhPrimitive);

/** Hyperbolic cosine `(e^x + e^-x) / 2`. Integers give float32. */
export const cosh: (x: Tensor) => Tensor = real(coshPrimitive);

/** Inverse hyperbolic sine. Integers give float32. */
export const asinh: (x: Tensor) => Tensor = real(asinhPrimitive);

/** Inverse hyperbolic cosine; NaN below 1. Integers give float32. */
export const acosh: (x: Tensor) => Tensor = real(acoshPrimitive);

/** Inverse hyperbolic tangent; infinite at -1 and 1, NaN outside. Integers give float32. */
export const atanh: (x: Tensor) => Tensor = real(atanhPrimitive);

/**
 * The angle of the point (x, y), in [-pi, pi] radians, elementwise with broadcasting. Integers give float32.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example atan2(tensor([1]), tensor([-1])) // [2.356]
 */
export const atan2 = (y: TensorLike, x: TensorLike): Tensor => {
  const [a, b] = unify("atan2", [y, x]).map(toFloat) as [Tensor, Tensor];
  return a.derive(atan2Primitive, [a, b], undefined);
};

/**
 * `sqrt(a² + b²)` without overflow, elementwise with broadcasting. Integers give float32.
 *
 * @throws ShapeError when the shapes do not broadcast; DeviceError when the operands live on two devices.
 * @example hypot(tensor([3]), 4) // [5]
 */
export const hypot = (a: TensorLike, b: TensorLike): Tensor => {
  const [x, y] = unify("hypot", [a, b]).map(toFloat) as [Tensor, Tensor];
  return x.derive(hypotPrimitive, [x, y], undefined);
};

/** Degrees as radians. */
export const radians = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return mul(y, y.constant(Math.PI / 180));
};

/** Radians as degrees. */
export const degrees = (x: Tensor): Tensor => {
  const y = toFloat(x);
  return mul(y, y.constant(180 / Math.PI));
};
