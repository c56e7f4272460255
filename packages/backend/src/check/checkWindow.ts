import { computeType, isFloat } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import type { ConvKernel, KernelInput, PoolKernel, Window } from "../kernel.ts";
import type { Shape } from "../shape.ts";
import { formatShape, sameShape } from "../shape.ts";
import { windowOutput } from "../windowOutput.ts";
import { checkExpression } from "./checkExpression.ts";
import { checkOutputs, refuse } from "./checkPlaces.ts";

const atLeast = (list: readonly number[], least: number): boolean =>
  list.every((n) => Number.isInteger(n) && n >= least);

const checkGeometry = (op: string, geometry: Window, rank: number, window: Shape): void => {
  if (rank < 1 || rank > 3) throw new ShapeError(op, `works on 1 to 3 spatial dimensions, got ${rank}`);
  const { stride, padding, dilation } = geometry;
  const lengths = [stride.length, padding.length, dilation.length, window.length];
  if (lengths.some((length) => length !== rank)) {
    throw new ShapeError(
      op,
      `stride, padding, dilation, window of lengths [${lengths.join(",")}] for ${rank} dimensions`,
    );
  }
  if (!atLeast(stride, 1) || !atLeast(dilation, 1) || !atLeast(padding.flat(), 0) || !atLeast(window, 1)) {
    throw new ArgumentError(
      op,
      `stride [${stride}], dilation [${dilation}], window [${window}] must be >= 1 and padding [${padding}] >= 0`,
    );
  }
};

export const checkConv = (kernel: ConvKernel): void => {
  const op = "conv kernel";
  const [first, second] = kernel.inputs;
  if (first === undefined || second === undefined) throw new ArgumentError(op, "convolves two inputs");
  const [x, y, f] = {
    forward: [first.view.shape, kernel.shape, second.view.shape],
    inputGradient: [kernel.shape, first.view.shape, second.view.shape],
    weightGradient: [first.view.shape, second.view.shape, kernel.shape],
  }[kernel.direction] as [Shape, Shape, Shape];
  const got = `x ${formatShape(x)}, filter ${formatShape(f)}, y ${formatShape(y)}`;
  const rank = x.length - 2;
  if (y.length !== x.length || f.length !== x.length) throw new ShapeError(op, `ranks differ, got ${got}`);
  checkGeometry(op, kernel, rank, f.slice(0, -2));
  const expected = [x[0], ...windowOutput(kernel, x.slice(1, -1), f.slice(0, -2)), f.at(-1)] as number[];
  if (!sameShape(y, expected)) throw new ShapeError(op, `y should be ${formatShape(expected)}, got ${got}`);
  const { groups } = kernel;
  const [cin, inner, cout] = [x.at(-1), f.at(-2), f.at(-1)] as [number, number, number];
  if (!atLeast([groups], 1) || cin !== inner * groups || cout % groups !== 0) {
    throw new ShapeError(op, `channels do not fit ${groups} groups, got ${got}`);
  }
  const accumulator = computeType(first.dtype);
  refuse(
    accumulator !== computeType(second.dtype) || accumulator === "bool" || accumulator === "uint32",
    () => new DTypeError(op, `convolves floats or signed integers of one kind, got ${first.dtype} and ${second.dtype}`),
  );
  checkExpression(op, kernel, { accumulator });
  checkOutputs(op, kernel, kernel.shape, [0, 1]);
};

/** True when some window of the dimension lies wholly in the padding. */
const hasEmptyWindow = (
  n: number,
  out: number,
  stride: number,
  low: number,
  dilation: number,
  window: number,
): boolean => {
  for (let o = 0; o < out; o++) {
    let inside = false;
    for (let w = 0; w < window && !inside; w++) {
      const i = o * stride - low + w * dilation;
      inside = i >= 0 && i < n;
    }
    if (!inside) return true;
  }
  return false;
};

export const checkPool = (kernel: PoolKernel): void => {
  const op = "pool kernel";
  const count = kernel.mode === "max" ? 2 : 1;
  const operands = kernel.inputs.slice(0, count);
  if (operands.length < count) throw new ArgumentError(op, `${kernel.mode} pooling has ${count} inputs or more`);
  const shapes = operands.map(({ view }) => view.shape) as [Shape, Shape?];
  const other = shapes.at(-1) as Shape;
  const [x, y] = kernel.direction === "forward" ? [shapes[0], kernel.shape] : [kernel.shape, other];
  const got = `x ${formatShape(x)}, y ${formatShape(y)}`;
  checkGeometry(op, kernel, x.length - 2, kernel.window);
  const spatial = x.slice(1, -1);
  const out = windowOutput(kernel, spatial, kernel.window);
  const expected = [x[0], ...out, x.at(-1)] as number[];
  if (!sameShape(y, expected)) throw new ShapeError(op, `y should be ${formatShape(expected)}, got ${got}`);
  if (kernel.mode === "max" && !sameShape(kernel.direction === "forward" ? other : shapes[0], x)) {
    throw new ShapeError(
      op,
      `input 0 should be ${formatShape(x)}, got ${operands.map(({ view }) => formatShape(view.shape)).join(" and ")}`,
    );
  }
  const empty = (d: number) =>
    hasEmptyWindow(
      spatial[d] as number,
      out[d] as number,
      kernel.stride[d] as number,
      (kernel.padding[d] as readonly [number, number])[0],
      kernel.dilation[d] as number,
      kernel.window[d] as number,
    );
  if ((kernel.mode === "max" || !kernel.countPadding) && !y.includes(0) && spatial.some((_, d) => empty(d))) {
    throw new ShapeError(op, `a window lies wholly in the padding, got ${got}`, "pad by less than the window reaches");
  }
  const { dtype } = operands.at(-1) as KernelInput;
  refuse(
    operands.some((input) => input.dtype === "bool") || (kernel.mode === "average" && !isFloat(dtype)),
    () =>
      new DTypeError(op, `${kernel.mode} pooling does not take ${operands.map((input) => input.dtype).join(" and ")}`),
  );
  checkExpression(op, kernel, { accumulator: computeType(dtype) });
  checkOutputs(op, kernel, kernel.shape, kernel.mode === "max" ? [0, 1] : [0]);
};
