import type { ComputeType, HostArray, KernelInput, ScanKernel } from "@gradloom/backend";
import { computeType, highest, lowest, sizeOf } from "@gradloom/backend";
import { readView, writeStrided } from "./positions.ts";
import { binaryFormula, wrap } from "./scalarOps.ts";
import type { Data } from "./steps.ts";

/** What is carried along the axis. */
interface Running {
  reset(): void;
  add(value: number, position: number): void;
  result(): number;
}

/** Running totals of floats are kept in float64; each result is rounded. */
const total = (type: ComputeType, identity: number, formula: (a: number, b: number) => number): Running => {
  const step = type === "float32" ? formula : (a: number, b: number) => wrap[type](formula(a, b));
  let sum = identity;
  return {
    reset: () => {
      sum = identity;
    },
    add: (value) => {
      sum = step(sum, value);
    },
    result: () => wrap[type](sum),
  };
};

/** The position of the latest extreme; NaN beats numbers. */
const extreme = (reaches: (a: number, b: number) => boolean): Running => {
  let best = 0;
  let at = -1;
  return {
    reset: () => {
      at = -1;
    },
    add: (value, position) => {
      if (at >= 0 && !Number.isNaN(value) && !reaches(value, best)) return;
      best = value;
      at = position;
    },
    result: () => Math.max(0, at),
  };
};

const logAddExp = (a: number, b: number): number => {
  const high = Math.max(a, b);
  return Number.isFinite(high) ? high + Math.log1p(Math.exp(Math.min(a, b) - high)) : high;
};

const operations: Readonly<Record<ScanKernel["operation"], (type: ComputeType) => Running>> = {
  sum: (type) => total(type, 0, binaryFormula("add", type)),
  prod: (type) => total(type, 1, binaryFormula("mul", type)),
  max: (type) => total(type, lowest(type), binaryFormula("max", type)),
  min: (type) => total(type, highest(type), binaryFormula("min", type)),
  logAddExp: (type) => total(type, -Infinity, logAddExp),
  argmax: () => extreme((a, b) => a >= b),
  argmin: () => extreme((a, b) => a <= b),
};

export const compileScan = (kernel: ScanKernel): ((data: Data) => void) => {
  const input = kernel.inputs[0] as KernelInput;
  const output = kernel.outputs[0] as ScanKernel["outputs"][number];
  const running = operations[kernel.operation](computeType(input.dtype));
  const length = kernel.shape[kernel.axis] as number;
  const inner = sizeOf(kernel.shape.slice(kernel.axis + 1));
  const outer = sizeOf(kernel.shape.slice(0, kernel.axis));
  return (data) => {
    const values = readView(input, data.inputs[0] as HostArray);
    const result = new Float64Array(values.length);
    for (let line = 0; line < outer * inner; line++) {
      const base = Math.floor(line / inner) * length * inner + (line % inner);
      running.reset();
      for (let step = 0; step < length; step++) {
        const position = kernel.reverse ? length - 1 - step : step;
        const at = base + position * inner;
        if (kernel.exclusive) result[at] = running.result();
        running.add(values[at] as number, position);
        if (!kernel.exclusive) result[at] = running.result();
      }
    }
    writeStrided(output.dtype, data.outputs[0] as HostArray, kernel.shape, output.strides, result);
  };
};
