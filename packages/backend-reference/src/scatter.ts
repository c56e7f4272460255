import type { BinaryOp, HostArray, KernelInput, ScatterKernel } from "@gradloom/backend";
import { computeType } from "@gradloom/backend";
import { locate } from "./coordinates.ts";
import { readView, writeStrided } from "./positions.ts";
import { binaryFormula, wrap } from "./scalarOps.ts";
import type { Data } from "./steps.ts";

const folds: Readonly<Record<Exclude<ScatterKernel["mode"], "set">, BinaryOp>> = {
  add: "add",
  mul: "mul",
  max: "max",
  min: "min",
};

/** Floats are folded in float64 and rounded when stored. */
export const compileScatter = (kernel: ScatterKernel): ((data: Data) => void) => {
  const [initial, updates] = kernel.inputs as readonly [KernelInput, KernelInput];
  const output = kernel.outputs[0] as ScatterKernel["outputs"][number];
  const type = computeType(initial.dtype);
  const formula = kernel.mode === "set" ? (_: number, b: number) => b : binaryFormula(folds[kernel.mode], type);
  const step = type === "float32" ? formula : (a: number, b: number) => wrap[type](formula(a, b));
  return (data) => {
    const result = readView(initial, data.inputs[0] as HostArray);
    const values = readView(updates, data.inputs[1] as HostArray);
    const places = locate(kernel.coordinates, kernel.updates, kernel.shape, kernel.inputs, data.inputs);
    for (let i = 0; i < values.length; i++) {
      const place = places[i] as number;
      if (place >= 0) result[place] = step(result[place] as number, values[i] as number);
    }
    writeStrided(output.dtype, data.outputs[0] as HostArray, kernel.shape, output.strides, result);
  };
};
