import type { DType } from "../dtype.ts";
import { computeType } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import type { Coordinate, GatherKernel, KernelInput, ScatterKernel } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { checkShape, formatShape, sameShape } from "../shape.ts";
import { checkExpression } from "./checkExpression.ts";
import { checkOutput, checkOutputs, refuse } from "./checkPlaces.ts";

const checkCoordinates = (
  op: string,
  coordinates: readonly Coordinate[],
  inputs: readonly KernelInput[],
  first: number,
  shape: Shape,
  target: Shape,
): void => {
  if (coordinates.length !== target.length) {
    throw new ShapeError(op, `${coordinates.length} coordinates for a tensor of shape ${formatShape(target)}`);
  }
  for (const coordinate of coordinates) {
    if ("dim" in coordinate) {
      if (shape[coordinate.dim] === undefined) {
        throw new ShapeError(op, `coordinate along dimension ${coordinate.dim} of ${formatShape(shape)}`);
      }
      continue;
    }
    const input = inputs[coordinate.input];
    if (input === undefined || coordinate.input < first) {
      throw new ArgumentError(op, `coordinates come from inputs ${first} and on, got input ${coordinate.input}`);
    }
    if (input.dtype !== "int32") throw new DTypeError(op, `coordinates are int32, got ${input.dtype}`);
    if (!sameShape(input.view.shape, shape)) {
      throw new ShapeError(
        op,
        `input ${coordinate.input} has shape ${formatShape(input.view.shape)}, coordinates need ${formatShape(shape)}`,
      );
    }
  }
};

export const checkGather = (kernel: GatherKernel): void => {
  const op = `${kernel.kind} kernel`;
  const source = kernel.inputs[0];
  if (source === undefined) throw new ArgumentError(op, "reads from input 0, got no inputs");
  checkCoordinates(op, kernel.coordinates, kernel.inputs, 1, kernel.shape, source.view.shape);
  checkExpression(op, kernel, { accumulator: computeType(source.dtype) });
  checkOutputs(op, kernel, kernel.shape, [0]);
};

export const checkScatter = (kernel: ScatterKernel): void => {
  const op = `${kernel.kind} kernel`;
  checkShape(op, kernel.updates);
  const [initial, updates] = kernel.inputs;
  if (initial === undefined || updates === undefined || kernel.outputs.length !== 1) {
    throw new ArgumentError(op, "has 2 inputs or more and 1 output");
  }
  const dtype = kernel.outputs[0]?.dtype as DType;
  refuse(
    initial.dtype !== dtype || updates.dtype !== dtype || (dtype === "bool" && kernel.mode !== "set"),
    () => new DTypeError(op, `cannot ${kernel.mode} ${updates.dtype} into ${initial.dtype} to give ${dtype}`),
  );
  if (!sameShape(initial.view.shape, kernel.shape) || !sameShape(updates.view.shape, kernel.updates)) {
    throw new ShapeError(
      op,
      `inputs have shapes ${formatShape(initial.view.shape)} and ${formatShape(updates.view.shape)}, ` +
        `expected ${formatShape(kernel.shape)} and ${formatShape(kernel.updates)}`,
    );
  }
  checkCoordinates(op, kernel.coordinates, kernel.inputs, 2, kernel.updates, kernel.shape);
  const operands = kernel.inputs.map((_, i) => i).slice(1);
  checkOutput(op, kernel, 0, kernel.shape, operands);
};
