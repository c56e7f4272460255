import type { Primitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";
import { unary } from "./elementwise.ts";
import type { Scalar } from "./formula.ts";
import { formula, odd, polynomial } from "./formula.ts";
import { toFloat } from "./operands.ts";

const input = ({ inputs }: Tensor): Tensor => inputs[0] as Tensor;

/** `2 / sqrt(pi) e^(-x²)`, the derivative of erf. */
const density = (x: Tensor): Tensor =>
  x
    .square()
    .neg()
    .exp()
    .mul(x.constant(2 / Math.sqrt(Math.PI)));

export const erfPrimitive = unary("erf", "erf", (node, g) => [g.mul(density(input(node)))]);

/** Rational approximations of Cody, "Rational Chebyshev approximations for the error function" (1969): numerator, denominator. */
const middle = [
  [
    1230.3393547979972, 2051.0783778260716, 1712.0476126340707, 881.952221241769, 298.6351381974001, 66.11919063714163,
    8.883149794388377, 0.5641884969886701, 2.1531153547440383e-8,
  ],
  [
    1230.3393548037495, 3439.3676741437216, 4362.619090143247, 3290.7992357334597, 1621.3895745666903,
    537.1811018620099, 117.6939508913125, 15.744926110709835, 1,
  ],
] as const;
const tail = [
  [
    0.0006587491615298378, 0.016083785148742275, 0.12578172611122926, 0.36034489994980445, 0.30532663496123236,
    0.016315387137302097,
  ],
  [0.0023352049762686918, 0.06051834131244132, 0.5279051029514285, 1.8729528499234673, 2.568520192289822, 1],
] as const;

const quotient = (x: Scalar, [above, below]: readonly [readonly number[], readonly number[]]): Scalar =>
  polynomial(x, above).div(polynomial(x, below));

/** `e^(-x²)` without the rounding error of x²: the square of a short number is exact. */
const gaussian = (x: Scalar): Scalar => {
  const short = x
    .mul(16)
    .unary("trunc")
    .mul(1 / 16);
  return short
    .square()
    .neg()
    .exp()
    .mul(x.sub(short).mul(x.add(short)).neg().exp());
};

export const erfcPrimitive = formula(
  "erfc",
  (x) => {
    const size = x.abs();
    // Beyond 27.3 the result is 0 even in float64; the bound keeps infinity out of the formulas.
    const bounded = size.binary("min", 28);
    const inverse = bounded.constant(1).div(bounded.square());
    const series = inverse.mul(quotient(inverse, tail));
    const far = series
      .constant(1 / Math.sqrt(Math.PI))
      .sub(series)
      .div(bounded);
    const upper = gaussian(bounded).mul(size.less(4).select(quotient(bounded.binary("min", 4), middle), far));
    const outside = x.less(0).select(upper.constant(2).sub(upper), upper);
    return size.less(0.46875).select(x.constant(1).sub(x.unary("erf")), outside);
  },
  (node, g) => [g.mul(density(input(node))).neg()],
);

/** Coefficients of algorithms PPND16 (float64) and PPND7 (float32): Wichura, "Algorithm AS 241" (1988). */
const quantile = {
  float64: {
    centre: [
      [
        3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
        67265.7709270087, 33430.57558358813, 2509.0809287301227,
      ],
      [
        1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
        28729.085735721943, 5226.495278852854,
      ],
    ],
    side: [
      [
        1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
        0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
      ],
      [
        1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
        0.0005475938084995345, 1.0507500716444169e-9,
      ],
    ],
    end: [
      [
        6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
        0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
      ],
      [
        1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
        1.421511758316446e-7, 2.0442631033899397e-15,
      ],
    ],
  },
  float32: {
    centre: [
      [3.3871327179, 50.434271938, 159.29113202, 5.910937472e1],
      [1, 17.895169469, 78.757757664, 6.71875636e1],
    ],
    side: [
      [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103],
      [1, 0.7370016425, 0.12021132975],
    ],
    end: undefined,
  },
} as const;

/** The normal quantile of (1 + x) / 2, divided by sqrt(2); the tails are worked out from 1 - |x|, which is exact. */
export const erfinvPrimitive = formula(
  "erfinv",
  (x) => {
    const { centre, side, end } = quantile[x.type === "float64" ? "float64" : "float32"];
    const half = x.mul(0.5);
    const near = half.mul(quotient(half.square().neg().add(0.180625), centre));
    const far = odd(x, (size) => {
      const root = size.constant(1).sub(size).mul(0.5).log().neg().sqrt();
      const beside = quotient(root.sub(1.6), side);
      // 1 - |x| of a float32 is never so small that its root passes 5.
      const value = end === undefined ? beside : root.less(5).select(beside, quotient(root.sub(5), end));
      return size.equal(1).select(size.constant(Number.POSITIVE_INFINITY), value);
    });
    return half.abs().less(0.425).select(near, far).mul(Math.SQRT1_2);
  },
  (node, g) => [
    g.mul(
      node
        .square()
        .exp()
        .mul(node.constant(Math.sqrt(Math.PI) / 2)),
    ),
  ],
);

const real = (primitive: Primitive<undefined>) => (x: Tensor) => {
  const y = toFloat(x);
  return y.derive(primitive, [y], undefined);
};

/**
 * The error function `2 / sqrt(pi) ∫ e^(-t²) dt` from 0 to `x`. Integers give float32.
 *
 * @example erf(tensor([0, 1])) // [0, 0.8427]
 */
export const erf: (x: Tensor) => Tensor = real(erfPrimitive);

/**
 * `1 - erf(x)`, accurate where it is small. Integers give float32.
 *
 * @example erfc(tensor([5])) // [1.537e-12]
 */
export const erfc: (x: Tensor) => Tensor = real(erfcPrimitive);

/**
 * The inverse of `erf`: infinite at -1 and 1, NaN outside. Integers give float32.
 *
 * @example erfinv(tensor([0.5])) // [0.4769]
 */
export const erfinv: (x: Tensor) => Tensor = real(erfinvPrimitive);
