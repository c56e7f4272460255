import { ArgumentError, formatShape, ShapeError } from "@gradloom/backend";
import type { Tensor } from "../../tensor.ts";
import { identity, inv } from "./solve.ts";

/**
 * The power `A^n` of square matrices [..., n, n] by repeated squaring; a negative power is that of the inverse.
 *
 * @throws ShapeError unless the matrices are square; ArgumentError when the power is not a whole number.
 * @example matrixPower(tensor([[1, 1], [0, 1]]), 3) // [[1, 3], [0, 1]]
 */
export const matrixPower = (a: Tensor, power: number): Tensor => {
  if (a.rank < 2 || a.shape[a.rank - 1] !== a.shape[a.rank - 2]) {
    throw new ShapeError("matrixPower", `takes square matrices, got ${formatShape(a.shape)}`);
  }
  if (!Number.isInteger(power)) throw new ArgumentError("matrixPower", `the power is a whole number, got ${power}`);
  let square = power < 0 ? inv(a) : a;
  let rest = Math.abs(power);
  if (rest === 0) return identity(a, a.shape[a.rank - 1] as number).broadcastTo(a.shape);
  let result: Tensor | undefined;
  for (; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : result.matmul(square);
    if (rest > 1) square = square.matmul(square);
  }
  return result as Tensor;
};
