import type { CustomKernel, DType, HostArray, KernelInput, Shape } from "@gradloom/backend";
import { hostArray, sizeOf } from "@gradloom/backend";
import { readView, writeStrided } from "./positions.ts";
import type { Data } from "./steps.ts";

/** The dtype of the host array that a custom kernel sees: half floats arrive as numbers. */
const seenAs = (dtype: DType): DType => (dtype === "float16" || dtype === "bfloat16" ? "float32" : dtype);

export const compileCustom = (kernel: CustomKernel): ((data: Data) => void) => {
  const inputSize = (input: KernelInput) => sizeOf(input.view.shape);
  return (data) => {
    const inputs = kernel.inputs.map((input, i) => {
      const array = hostArray(seenAs(input.dtype), inputSize(input));
      array.set(readView(input, data.inputs[i] as HostArray));
      return array;
    });
    const outputs = kernel.outputs.map((output, i) =>
      hostArray(seenAs(output.dtype), sizeOf(kernel.shapes[i] as Shape)),
    );
    kernel.host?.(inputs, outputs, data.scalars);
    kernel.outputs.forEach((output, i) => {
      const values = Float64Array.from(outputs[i] as HostArray);
      writeStrided(output.dtype, data.outputs[i] as HostArray, kernel.shapes[i] as Shape, output.strides, values);
    });
  };
};
