import type { DType } from "../dtype.ts";
import { computeType, isFloat } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import type {
  CustomKernel,
  Kernel,
  KernelKind,
  MatmulKernel,
  ReduceKernel,
  RowKernel,
  ScanKernel,
  SortKernel,
} from "../kernel.ts";
import { levelsOf } from "../levels.ts";
import { checkShape, formatShape, sameShape } from "../shape.ts";
import { isContiguous } from "../view.ts";
import { checkAttention } from "./checkAttention.ts";
import { checkExpression } from "./checkExpression.ts";
import { checkGather, checkScatter } from "./checkIndexed.ts";
import { checkInputs, checkOutput, checkOutputs, refuse } from "./checkPlaces.ts";
import { checkConv, checkPool } from "./checkWindow.ts";

const where = (kernel: Kernel): string => `${kernel.kind} kernel`;

const checkReduced = (kernel: ReduceKernel | RowKernel): void => {
  const op = where(kernel);
  const rank = kernel.shape.length;
  if (!Number.isInteger(kernel.reduced) || kernel.reduced < 0 || kernel.reduced > rank) {
    throw new ShapeError(op, `reduces ${kernel.reduced} dimensions of ${formatShape(kernel.shape)}`);
  }
  checkExpression(op, kernel, { reduces: true });
  const leading = rank - kernel.reduced;
  const { kept, depth } = levelsOf(kernel);
  if (kernel.kind === "reduce" && depth.some((d) => d > 1)) {
    throw new ArgumentError(op, "a reduction depends on another one", "use a row kernel");
  }
  kernel.outputs.forEach((output, i) => {
    const full = kernel.kind === "row" && output.strides.length === rank && output.strides.length !== leading;
    checkOutput(op, kernel, i, full ? kernel.shape : kernel.shape.slice(0, leading), []);
    if (!full && !kept[output.node]) {
      throw new ArgumentError(op, `output ${i} has a value per reduced position`, "reduce it first");
    }
  });
};

const checkMatmul = (kernel: MatmulKernel): void => {
  const op = where(kernel);
  const [x, w] = kernel.inputs;
  if (kernel.shape.length < 2 || x === undefined || w === undefined) {
    throw new ShapeError(op, `multiplies two inputs into a shape of rank >= 2, got ${formatShape(kernel.shape)}`);
  }
  const batch = kernel.shape.slice(0, -2);
  const [m, n] = kernel.shape.slice(-2) as [number, number];
  const k = x.view.shape.at(-1) ?? 0;
  if (!sameShape(x.view.shape, [...batch, m, k]) || !sameShape(w.view.shape, [...batch, k, n])) {
    throw new ShapeError(
      op,
      `${formatShape(x.view.shape)} times ${formatShape(w.view.shape)} does not give ${formatShape(kernel.shape)}`,
    );
  }
  const accumulator = computeType(x.dtype);
  refuse(
    accumulator !== computeType(w.dtype) || accumulator === "bool" || accumulator === "uint32",
    () => new DTypeError(op, `multiplies floats or signed integers of one kind, got ${x.dtype} and ${w.dtype}`),
  );
  checkExpression(op, kernel, { accumulator });
  checkOutputs(op, kernel, kernel.shape, [0, 1]);
};

const checkScan = (kernel: ScanKernel): void => {
  const op = where(kernel);
  const input = kernel.inputs[0];
  if (input === undefined || kernel.outputs.length !== 1) throw new ArgumentError(op, "has 1 input and 1 output");
  const dtype = kernel.outputs[0]?.dtype as DType;
  if (!sameShape(input.view.shape, kernel.shape)) {
    throw new ShapeError(op, `input has shape ${formatShape(input.view.shape)}, not ${formatShape(kernel.shape)}`);
  }
  if (kernel.shape[kernel.axis] === undefined) {
    throw new ShapeError(op, `axis ${kernel.axis} is out of range for ${formatShape(kernel.shape)}`);
  }
  const { operation } = kernel;
  const gives = operation === "argmax" || operation === "argmin" ? "int32" : computeType(input.dtype);
  const takes = operation === "logAddExp" ? isFloat(input.dtype) : input.dtype !== "bool";
  refuse(
    !takes || computeType(dtype) !== gives,
    () => new DTypeError(op, `${operation} of ${input.dtype} does not give ${dtype}`),
  );
  checkOutput(op, kernel, 0, kernel.shape, []);
};

const checkSort = (kernel: SortKernel): void => {
  const op = where(kernel);
  const input = kernel.inputs[0];
  if (input === undefined || kernel.outputs.length !== kernel.results.length || kernel.results.length === 0) {
    throw new ArgumentError(op, `${kernel.results.length} results for ${kernel.outputs.length} outputs`);
  }
  if (!sameShape(input.view.shape, kernel.shape)) {
    throw new ShapeError(op, `input has shape ${formatShape(input.view.shape)}, not ${formatShape(kernel.shape)}`);
  }
  const length = kernel.shape.at(-1);
  if (length === undefined || !Number.isInteger(kernel.count) || kernel.count < 0 || kernel.count > length) {
    throw new ShapeError(op, `cannot keep ${kernel.count} of the last dimension of ${formatShape(kernel.shape)}`);
  }
  const shape = [...kernel.shape.slice(0, -1), kernel.count];
  kernel.outputs.forEach((output, i) => {
    const dtype = kernel.results[i] === "values" ? input.dtype : "int32";
    if (output.dtype !== dtype) {
      throw new DTypeError(op, `output ${i} holds ${kernel.results[i]} in ${dtype}, got ${output.dtype}`);
    }
    checkOutput(op, kernel, i, shape, [0]);
  });
};

const checkCustom = (kernel: CustomKernel): void => {
  const op = `${where(kernel)} ${kernel.name}`;
  if (kernel.shapes.length !== kernel.outputs.length) {
    throw new ArgumentError(op, `${kernel.shapes.length} shapes for ${kernel.outputs.length} outputs`);
  }
  kernel.inputs.forEach(({ view }, i) => {
    if (!isContiguous(view)) throw new ArgumentError(op, `input ${i} is not contiguous`, "copy it first");
  });
  const operands = kernel.inputs.map((_, i) => i);
  kernel.shapes.forEach((shape, i) => {
    checkShape(op, shape);
    checkOutput(op, kernel, i, shape, operands);
  });
};

type Check<K extends KernelKind> = (kernel: Extract<Kernel, { kind: K }>) => void;

const checks: { readonly [K in KernelKind]: Check<K> } = {
  map: (kernel) => {
    checkExpression(where(kernel), kernel, {});
    checkOutputs(where(kernel), kernel, kernel.shape, []);
  },
  reduce: checkReduced,
  row: checkReduced,
  matmul: checkMatmul,
  conv: checkConv,
  pool: checkPool,
  gather: checkGather,
  scatter: checkScatter,
  scan: checkScan,
  sort: checkSort,
  attention: checkAttention,
  custom: checkCustom,
};

/** Refuses a kernel that breaks the rules of its kind; backends call it when they prepare a program that they do not know yet. */
export const checkKernel = (kernel: Kernel): void => {
  const op = where(kernel);
  if (kernel.kind !== "custom") checkShape(op, kernel.shape);
  checkInputs(op, kernel.inputs);
  if (kernel.outputs.length === 0) throw new ArgumentError(op, "has no outputs");
  (checks[kernel.kind] as Check<KernelKind>)(kernel as never);
};
