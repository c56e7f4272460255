import type { BinaryOp, ComparisonOp, ComputeType, NodeId, UnaryOp } from "@gradloom/backend";
import type { Expressions, Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

/** A scalar expression that is written as a formula; plain numbers are constants of its type. */
export class Scalar {
  readonly e: Expressions;
  readonly id: NodeId;

  constructor(e: Expressions, id: NodeId) {
    this.e = e;
    this.id = id;
  }

  get type(): ComputeType {
    return this.e.typeOf(this.id);
  }

  constant(value: number): Scalar {
    return new Scalar(this.e, this.e.constant(this.type, value));
  }

  unary(op: UnaryOp): Scalar {
    return new Scalar(this.e, this.e.unary(op, this.id));
  }

  binary(op: BinaryOp, b: Scalar | number): Scalar {
    return new Scalar(this.e, this.e.binary(op, this.id, this.#idOf(b)));
  }

  compare(op: ComparisonOp, b: Scalar | number): Scalar {
    return new Scalar(this.e, this.e.compare(op, this.id, this.#idOf(b)));
  }

  add(b: Scalar | number): Scalar {
    return this.binary("add", b);
  }

  sub(b: Scalar | number): Scalar {
    return this.binary("sub", b);
  }

  mul(b: Scalar | number): Scalar {
    return this.binary("mul", b);
  }

  div(b: Scalar | number): Scalar {
    return this.binary("div", b);
  }

  neg(): Scalar {
    return this.unary("neg");
  }

  abs(): Scalar {
    return this.unary("abs");
  }

  square(): Scalar {
    return this.mul(this);
  }

  sqrt(): Scalar {
    return this.unary("sqrt");
  }

  exp(): Scalar {
    return this.unary("exp");
  }

  log(): Scalar {
    return this.unary("log");
  }

  log1p(): Scalar {
    return this.unary("log1p");
  }

  less(b: Scalar | number): Scalar {
    return this.compare("lt", b);
  }

  equal(b: Scalar | number): Scalar {
    return this.compare("eq", b);
  }

  /** `this ? a : b`. */
  select(a: Scalar, b: Scalar): Scalar {
    return new Scalar(this.e, this.e.select(this.id, a.id, b.id));
  }

  #idOf(b: Scalar | number): NodeId {
    return typeof b === "number" ? this.e.constant(this.type, b) : b.id;
  }
}

/** An elementwise primitive of one operand whose value is a formula. */
/* @__NO_SIDE_EFFECTS__ */
export const formula = (
  name: string,
  value: (x: Scalar) => Scalar,
  gradient: Primitive<undefined>["gradient"],
): Primitive<undefined> =>
  definePrimitive({
    name,
    infer: (inputs) => inputs[0] as Tensor,
    lower: { kind: "map", expression: (e, [x]) => value(new Scalar(e, x as NodeId)).id },
    gradient,
  });

/** An elementwise primitive of two operands of one shape and type whose value is a formula. */
/* @__NO_SIDE_EFFECTS__ */
export const formula2 = (
  name: string,
  value: (a: Scalar, b: Scalar) => Scalar,
  gradient: Primitive<undefined>["gradient"],
): Primitive<undefined> =>
  definePrimitive({
    name,
    infer: (inputs) => inputs[0] as Tensor,
    lower: {
      kind: "map",
      expression: (e, [a, b]) => value(new Scalar(e, a as NodeId), new Scalar(e, b as NodeId)).id,
    },
    gradient,
  });

/** An odd function by its values above 0; 0, -0 and NaN stay what they are. */
export const odd = (x: Scalar, above: (size: Scalar) => Scalar): Scalar => {
  const y = above(x.abs());
  return x.less(0).select(y.neg(), x.constant(0).less(x).select(y, x));
};

/** `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule. */
export const polynomial = (x: Scalar, coefficients: readonly number[]): Scalar => {
  let sum = x.constant(coefficients.at(-1) as number);
  for (let i = coefficients.length - 2; i >= 0; i--) sum = sum.mul(x).add(coefficients[i] as number);
  return sum;
};

/** Terms that the type's precision needs. */
export const terms = (x: Scalar, all: readonly number[], float32: number): readonly number[] =>
  x.type === "float32" ? all.slice(0, float32) : all;
