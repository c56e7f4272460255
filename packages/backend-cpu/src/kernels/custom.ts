import {
  type CustomKernel,
  contiguousStrides,
  type DType,
  type HostArray,
  type HostOutput,
  hostArray,
  hostArrayOver,
  readElement,
  type Shape,
  sameShape,
  sizeOf,
  UnsupportedError,
  writeElement,
} from "@gradloom/backend";
import type { HostKernel } from "../compiled.ts";

const isHalf = (dtype: DType): boolean => dtype === "float16" || dtype === "bfloat16";

/** Half floats as numbers; other arrays as they are. */
const asNumbers = (dtype: DType, array: HostArray): ArrayLike<number> =>
  isHalf(dtype) ? Float32Array.from({ length: array.length }, (_, i) => readElement(dtype, array, i)) : array;

/** Writes numbers in row-major order to the places that the strides say. */
const writeStrided = (
  dtype: DType,
  view: ArrayBufferView,
  shape: Shape,
  strides: readonly number[],
  values: HostOutput,
): void => {
  const extent = shape.reduce((sum, n, d) => sum + (n - 1) * (strides[d] as number), 1);
  const array = hostArrayOver(dtype, view.buffer, view.byteOffset, values.length === 0 ? 0 : extent);
  for (let i = 0; i < values.length; i++) {
    let place = 0;
    let rest = i;
    for (let d = shape.length - 1; d >= 0; d--) {
      const n = shape[d] as number;
      place += (rest % n) * (strides[d] as number);
      rest = Math.floor(rest / n);
    }
    writeElement(dtype, array, place, values[i] as number);
  }
};

/** Custom kernels run their host function on arrays over the memory. */
export const compileCustom = (kernel: CustomKernel): HostKernel => {
  const { host } = kernel;
  if (host === undefined)
    throw new UnsupportedError("cpu", `kernel ${kernel.name} has no code for the CPU`, "give it `host`");
  return {
    run: (inputs, outputs, scalars) => {
      const seen = outputs.map((array, i): HostOutput => {
        const { dtype, strides } = kernel.outputs[i] as CustomKernel["outputs"][number];
        const shape = kernel.shapes[i] as Shape;
        const direct = !isHalf(dtype) && sameShape(strides, contiguousStrides(shape));
        return direct ? (array as HostArray) : hostArray(isHalf(dtype) ? "float32" : dtype, sizeOf(shape));
      });
      host(
        inputs.map((array, i) =>
          asNumbers((kernel.inputs[i] as CustomKernel["inputs"][number]).dtype, array as HostArray),
        ),
        seen,
        scalars,
      );
      outputs.forEach((array, i) => {
        if ((seen[i] as unknown) === array) return;
        const { dtype, strides } = kernel.outputs[i] as CustomKernel["outputs"][number];
        writeStrided(dtype, array, kernel.shapes[i] as Shape, strides, seen[i] as HostOutput);
      });
    },
  };
};
