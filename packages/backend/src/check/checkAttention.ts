import type { DType } from "../dtype.ts";
import { computeType, isFloat } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import type { AttentionKernel, KernelInput } from "../kernel.ts";
import { formatShape, sameShape } from "../shape.ts";
import { checkOutput, refuse } from "./checkPlaces.ts";

export const checkAttention = (kernel: AttentionKernel): void => {
  const op = "attention kernel";
  const { shape, inputs, outputs, results, scale } = kernel;
  if (inputs.length < 3 || inputs.length > 4) {
    throw new ArgumentError(op, `reads queries, keys, values and, or not, a mask, got ${inputs.length} inputs`);
  }
  if (outputs.length !== results.length) {
    throw new ArgumentError(op, `${results.length} results for ${outputs.length} outputs`);
  }
  if (!Number.isFinite(scale)) throw new ArgumentError(op, `the scale is finite, got ${scale}`);
  const [q, k, v, mask] = inputs as readonly [KernelInput, KernelInput, KernelInput, KernelInput?];
  const batch = shape.slice(0, -2);
  const [m, e] = shape.slice(-2) as [number, number];
  const [n, d] = k.view.shape.slice(-2) as [number, number];
  const fits =
    shape.length >= 2 &&
    sameShape(q.view.shape, [...batch, m, d]) &&
    sameShape(k.view.shape, [...batch, n, d]) &&
    sameShape(v.view.shape, [...batch, n, e]) &&
    (mask === undefined || sameShape(mask.view.shape, [...batch, m, n]));
  if (!fits) {
    const shapes = inputs.map(({ view }) => formatShape(view.shape)).join(", ");
    throw new ShapeError(op, `${shapes} do not give ${formatShape(shape)}`);
  }
  const type = computeType(q.dtype);
  const ofType = (dtype: DType): boolean => isFloat(dtype) && computeType(dtype) === type;
  refuse(
    ![q, k, v].every(({ dtype }) => ofType(dtype)) ||
      !(mask === undefined || mask.dtype === "bool" || ofType(mask.dtype)),
    () =>
      new DTypeError(
        op,
        `takes floats of one kind and a bool mask, got ${inputs.map(({ dtype }) => dtype).join(", ")}`,
      ),
  );
  outputs.forEach(({ dtype }, i) => {
    refuse(!ofType(dtype), () => new DTypeError(op, `output ${i} holds ${results[i]} in ${type}, got ${dtype}`));
    const operands = inputs.map((_, input) => input);
    checkOutput(op, kernel, i, results[i] === "values" ? shape : shape.slice(0, -1), operands);
  });
};
