import { byteSize, type DType, type ExpressionNode, type ScalarOp } from "@gradloom/backend";

/** Rough nanoseconds for four lanes; operations that are not listed take one instruction or two. */
const costs: { readonly [Op in ScalarOp]?: number } = {
  div: 1.5,
  sqrt: 2,
  exp: 5,
  expm1: 6,
  log: 7,
  log1p: 10,
  sin: 12,
  cos: 12,
  atan: 8,
  atan2: 12,
  tanh: 6,
  erf: 8,
  pow: 30,
  rem: 12,
  threefry: 20,
  constant: 0,
  scalar: 0,
  load: 0.5,
};

/** Rough nanoseconds that one element of an expression takes. */
export const elementCost = (
  nodes: readonly ExpressionNode[],
  buffers: readonly { readonly dtype: DType }[],
): number => {
  const calculation = nodes.reduce((sum, { op, type }) => sum + (costs[op] ?? 0.3) * (type === "float64" ? 2 : 1), 0);
  const memory = buffers.reduce((sum, { dtype }) => sum + byteSize(dtype) * 0.05, 0);
  return calculation / 4 + memory;
};
