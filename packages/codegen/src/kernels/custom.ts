import {
  bufferNeeds,
  byteSize,
  type CustomKernel,
  contiguousView,
  isContiguous,
  type Shape,
  sizeOf,
} from "@gradloom/backend";
import { copyPasses } from "../copyPasses.ts";
import type { Dialect } from "../dialect.ts";
import type { BufferUse, GpuProgram, Limits } from "../program.ts";

/** True where the user's code may write an output's memory itself, whole words of it. */
const isDirect = (kernel: CustomKernel, output: number, bytes: number): boolean => {
  const { strides } = kernel.outputs[output] as CustomKernel["outputs"][number];
  const shape = kernel.shapes[output] as Shape;
  return bytes % 4 === 0 && isContiguous({ shape, strides, offset: 0, valid: undefined });
};

/** The user's own code, printable, which writes its results in row-major order; those that belong elsewhere are copied there. */
export const compileCustom = (kernel: CustomKernel, dialect: Dialect, limits: Limits): GpuProgram => {
  const { name, shapes, inputs, outputs } = kernel;
  const code = dialect.custom(kernel) as NonNullable<ReturnType<Dialect["custom"]>>;
  if (shapes.every((shape) => shape.includes(0))) return { passes: [], scratch: [] };
  const needs = bufferNeeds(kernel);
  const scratch: number[] = [];
  const moved: number[] = [];
  const words = (bytes: number): number => Math.max(4, Math.ceil(bytes / 4) * 4);
  const uses = needs.map((bytes, index): BufferUse => {
    const output = index - inputs.length;
    const access = output < 0 ? "read" : "write";
    if (output < 0 || isDirect(kernel, output, bytes)) {
      return { of: "kernel", index, access, byteOffset: 0, bytes: words(bytes) };
    }
    moved.push(output);
    const { dtype } = outputs[output] as CustomKernel["outputs"][number];
    const dense = words(sizeOf(shapes[output] as Shape) * byteSize(dtype));
    scratch.push(dense);
    return { of: "scratch", index: scratch.length - 1, access, byteOffset: 0, bytes: dense };
  });
  const pass = {
    name: `custom ${name}`,
    code: code.source,
    workgroup: code.workgroup,
    grid: code.grid,
    uses,
    scalars: kernel.scalars.length > 0,
  };
  const copies = moved.flatMap((output, index) => {
    const { dtype } = outputs[output] as CustomKernel["outputs"][number];
    const view = contiguousView(shapes[output] as Shape);
    return copyPasses(kernel, { of: "scratch", index, dtype, view }, output, dialect, limits);
  });
  return { passes: [pass, ...copies], scratch };
};
