import type { BinaryOp, ComparisonOp, UnaryOp } from "@gradloom/backend";
import type { Primitive } from "../graph/primitive.ts";
import { definePrimitive } from "../graph/primitive.ts";
import type { Tensor } from "../tensor.ts";

type Rule = Primitive<undefined>["gradient"];

/** An elementwise primitive of one scalar operation on one operand. */
/* @__NO_SIDE_EFFECTS__ */
export const unary = (name: string, op: UnaryOp, gradient: Rule): Primitive<undefined> =>
  definePrimitive({
    name,
    infer: (inputs) => inputs[0] as Tensor,
    lower: { kind: "map", expression: (e, [x]) => e.unary(op, x as number) },
    gradient,
  });

/** An elementwise primitive of one scalar operation on two operands of one shape and type; on truth values it is `onBool`. */
/* @__NO_SIDE_EFFECTS__ */
export const binary = (name: string, op: BinaryOp, gradient: Rule, onBool: BinaryOp = op): Primitive<undefined> =>
  definePrimitive({
    name,
    infer: (inputs) => inputs[0] as Tensor,
    lower: {
      kind: "map",
      expression: (e, [a, b]) => e.binary(e.typeOf(a as number) === "bool" ? onBool : op, a as number, b as number),
    },
    gradient,
  });

/** An elementwise primitive that compares two operands of one shape and type. */
/* @__NO_SIDE_EFFECTS__ */
export const comparison = (name: string, op: ComparisonOp): Primitive<undefined> =>
  definePrimitive({
    name,
    infer: ([a]) => ({ shape: (a as Tensor).shape, dtype: "bool" }),
    lower: { kind: "map", expression: (e, [a, b]) => e.compare(op, a as number, b as number) },
    gradient: "zero",
  });
