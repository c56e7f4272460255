import { isDType } from "../dtype.ts";
import type { GradloomError } from "../errors.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import type { Kernel, KernelInput } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { checkShape, formatShape, sameShape } from "../shape.ts";
import type { View } from "../view.ts";
import { isMasked } from "../view.ts";

export const refuse = (wrong: boolean, error: () => GradloomError): void => {
  if (wrong) throw error();
};

export const checkView = (op: string, name: string, view: View): void => {
  checkShape(op, view.shape);
  const rank = view.shape.length;
  if (view.strides.length !== rank || (view.valid !== undefined && view.valid.length !== rank)) {
    throw new ShapeError(op, `${name} has ${view.strides.length} strides for shape ${formatShape(view.shape)}`);
  }
  if (![view.offset, ...view.strides].every(Number.isInteger)) {
    throw new ArgumentError(op, `${name} has offset ${view.offset} and strides [${view.strides.join(",")}]`);
  }
  view.valid?.forEach(([low, high], d) => {
    if (low < 0 || low > high || high > (view.shape[d] as number)) {
      throw new ShapeError(
        op,
        `${name} is valid from ${low} to ${high} in dimension ${d} of ${formatShape(view.shape)}`,
      );
    }
  });
};

export const checkInputs = (op: string, inputs: readonly KernelInput[]): void => {
  inputs.forEach(({ dtype, view, shares }, i) => {
    if (!isDType(dtype)) throw new DTypeError(op, `input ${i} has the unknown dtype ${dtype}`);
    if (shares !== undefined) {
      const first = shares < i ? inputs[shares] : undefined;
      if (first === undefined || first.shares !== undefined || first.dtype !== dtype) {
        throw new ArgumentError(
          op,
          `input ${i} shares the buffer of input ${shares}, which is no earlier ${dtype} input`,
        );
      }
    }
    checkView(op, `input ${i}`, view);
  });
};

/** True when no two positions share an element; may refuse exotic layouts that do not nest. */
const nests = (shape: Shape, strides: readonly number[]): boolean => {
  if (shape.includes(0)) return true;
  const dims = shape.map((n, d) => [strides[d] as number, n] as const).filter(([, n]) => n > 1);
  dims.sort(([a], [b]) => a - b);
  let end = 0;
  for (const [stride, n] of dims) {
    if (stride <= end) return false;
    end += stride * (n - 1);
  }
  return true;
};

/** Checks where output `number` is written; it may not write over the inputs `operands`, which are read at other places. */
export const checkOutput = (
  op: string,
  kernel: Kernel,
  number: number,
  shape: Shape,
  operands: readonly number[],
): void => {
  const { dtype, strides, over } = kernel.outputs[number] as Kernel["outputs"][number];
  if (!isDType(dtype)) throw new DTypeError(op, `output ${number} has the unknown dtype ${dtype}`);
  if (strides.length !== shape.length) {
    throw new ShapeError(op, `output ${number} has ${strides.length} strides for shape ${formatShape(shape)}`);
  }
  if (!strides.every(Number.isInteger) || !nests(shape, strides)) {
    throw new ArgumentError(
      op,
      `output ${number} has strides [${strides.join(",")}] for shape ${formatShape(shape)}`,
      "positions must not share elements",
    );
  }
  if (over === undefined) return;
  const input = kernel.inputs[over];
  if (input === undefined) throw new ArgumentError(op, `output ${number} writes over input ${over}, which is missing`);
  if (operands.includes(over) || kernel.outputs.some((other, i) => i < number && other.over === over)) {
    throw new ArgumentError(op, `output ${number} cannot write over input ${over}`, "give it memory of its own");
  }
  if (input.dtype !== dtype) throw new DTypeError(op, `output ${number} in ${dtype} writes over ${input.dtype}`);
  const { view } = input;
  const samePlace = view.shape.every(
    (n, d) => !isMasked(view, d) && (n === 1 || view.strides[d] === (d < shape.length ? strides[d] : 0)),
  );
  if (view.offset !== 0 || !samePlace || !sameShape(view.shape.slice(0, shape.length), shape)) {
    throw new ArgumentError(op, `output ${number} writes over input ${over} at other places than it is read`);
  }
};

/** `checkOutput` for outputs that all have the shape given. */
export const checkOutputs = (op: string, kernel: Kernel, shape: Shape, operands: readonly number[]): void => {
  for (let number = 0; number < kernel.outputs.length; number++) checkOutput(op, kernel, number, shape, operands);
};
