import {
  computeType,
  contiguousStrides,
  type DType,
  type KernelInput,
  type ScatterKernel,
  sizeOf,
  type View,
} from "@gradloom/backend";
import { bufferSlot, type CompiledKernel, type CompileOptions, type Phase, scratchSlot } from "../compiled.ts";
import { ModuleBuilder } from "../wasm/module.ts";
import { addElementwise } from "./elementwise.ts";
import { foldElements } from "./scatterElements.ts";
import { atLeast1, type ScatterFold, widen } from "./scatterFold.ts";
import { foldRows, rowsAlong } from "./scatterRows.ts";

/** float16 and bfloat16 are folded in float32 and rounded once; all else in the output itself. */
const foldsInScratch = ({ mode, outputs }: ScatterKernel): boolean => {
  const dtype = outputs[0]?.dtype;
  return (mode === "add" || mode === "mul") && (dtype === "float16" || dtype === "bfloat16");
};

/**
 * Scatter kernels: a copy of the initial values, then the updates in their order. Units own columns of the target, or ranges of its
 * rows, so that each element is folded by one thread alone.
 */
export const compileScatter = (kernel: ScatterKernel, options: CompileOptions): CompiledKernel => {
  const module = new ModuleBuilder(options);
  const initial = kernel.inputs[0] as KernelInput;
  const output = kernel.outputs[0] as ScatterKernel["outputs"][number];
  const type = computeType(output.dtype);
  if (sizeOf(kernel.shape) === 0) return { code: module.toBytes(), phases: [], scratchBytes: 0 };
  const shape = atLeast1(kernel.shape);
  const updates = atLeast1(kernel.updates);
  const inScratch = foldsInScratch(kernel);
  const buffers = kernel.inputs.length + 1;
  const foldType: DType = inScratch ? "float32" : output.dtype;
  const strides = inScratch ? contiguousStrides(shape) : atLeast1(output.strides);
  const phases: Phase[] = [];

  const values = { dtype: initial.dtype, view: widen(initial.view) };
  const load = { nodes: [{ op: "load", type, input: 0 } as const], shape };
  if (output.over === undefined || inScratch) {
    const target = inScratch ? buffers : kernel.inputs.length;
    phases.push(
      addElementwise(
        module,
        { ...load, inputs: [values], outputs: [{ dtype: foldType, node: 0, strides: strides }] },
        { ...options, name: "copy", slots: [0, target] },
      ),
    );
  }
  if (sizeOf(updates) > 0) {
    const along = rowsAlong({ ...kernel, updates });
    const fold: ScatterFold = {
      kernel,
      shape,
      updates,
      dtype: foldType,
      strides,
      slot: inScratch ? scratchSlot(buffers) : bufferSlot(buffers - 1),
    };
    phases.push(along < 0 ? foldElements(module, fold, options) : foldRows(module, fold, along, options));
  }
  if (inScratch) {
    const view: View = { shape, strides: contiguousStrides(shape), offset: 0, valid: undefined };
    phases.push(
      addElementwise(
        module,
        {
          ...load,
          inputs: [{ dtype: "float32", view }],
          outputs: [{ dtype: output.dtype, node: 0, strides: atLeast1(output.strides) }],
        },
        { ...options, name: "round", slots: [buffers, kernel.inputs.length] },
      ),
    );
  }
  return { code: module.toBytes(), phases, scratchBytes: inScratch ? 4 * sizeOf(shape) : 0 };
};
