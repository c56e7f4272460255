import { sizeOf } from "@gradloom/backend";
import { tensor } from "../create.ts";
import type { Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** Multiplies each line of `x` along `axis` by a matrix from the host: `rows` x size of the axis, in row-major order. */
export const multiplyAlongAxis = (x: Tensor, matrix: Float64Array, rows: number, axis: number): Tensor => {
  const n = x.shape[axis] as number;
  const outer = x.shape.slice(0, axis);
  const inner = x.shape.slice(axis + 1);
  const left = tensor(matrix, { shape: [rows, n], dtype: x.dtype, device: x.device });
  return matmul(left, x.reshape([sizeOf(outer), n, sizeOf(inner)])).reshape([...outer, rows, ...inner]);
};
